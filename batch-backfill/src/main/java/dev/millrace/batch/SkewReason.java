package dev.millrace.batch;

import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Vectors whose values depend on order, each with its reason.
 *
 * @param names of the values
 */
record SkewReason(String table, List<String> names) implements MapPartitionsFunction<Row, Row> {

  static final String VALUES = "values";

  static final StructType COLUMNS =
      new StructType()
          .add("class", DataTypes.StringType, false)
          .add(Places.TOPIC_ID, DataTypes.StringType, false)
          .add(Places.PARTITION, DataTypes.IntegerType, false)
          .add(Places.OFFSET, DataTypes.LongType, false)
          .add("table", DataTypes.StringType, false)
          .add("key", DataTypes.StringType, true)
          .add("event_id", DataTypes.StringType, true)
          .add("what", DataTypes.StringType, false)
          .add("features", DataTypes.createArrayType(DataTypes.StringType, false), false);

  @Override
  public Iterator<Row> call(Iterator<Row> both) {
    return new Iterator<>() {
      private @Nullable Row next;

      @Override
      public boolean hasNext() {
        while (next == null && both.hasNext()) {
          next = reason(both.next());
        }
        return next != null;
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Row row = Objects.requireNonNull(next);
        next = null;
        return row;
      }
    };
  }

  /** Null if order changed nothing. */
  private @Nullable Row reason(Row both) {
    @Nullable Row served = both.getStruct(both.fieldIndex("s"));
    @Nullable Row corrected = both.getStruct(both.fieldIndex("r"));
    List<String> features = new ArrayList<>();
    String what;
    if (served == null || corrected == null) {
      what = served == null ? "only in corrected order" : "only in served order";
    } else {
      List<@Nullable Object> was = values(served);
      List<@Nullable Object> is = values(corrected);
      List<String> told = new ArrayList<>();
      for (int place : VectorValues.differing(was, is)) {
        String name = VectorValues.name(names, place);
        features.add(name);
        told.add(
            "%s served %s corrected %s"
                .formatted(name, VectorValues.at(was, place), VectorValues.at(is, place)));
      }
      if (told.isEmpty()) {
        return null;
      }
      what = String.join("; ", told);
    }
    Row known = Objects.requireNonNull(served == null ? corrected : served);
    return RowFactory.create(
        skewed(both, served).name(),
        both.getString(both.fieldIndex(Places.TOPIC_ID)),
        both.getInt(both.fieldIndex(Places.PARTITION)),
        both.getLong(both.fieldIndex(Places.OFFSET)),
        table,
        known.getString(known.fieldIndex(OriginColumns.KEY)),
        known.getString(known.fieldIndex("event_id")),
        what,
        features.toArray(String[]::new));
  }

  private static Skewed skewed(Row both, @Nullable Row served) {
    if (both.getBoolean(both.fieldIndex("refused"))) {
      return Skewed.HORIZON;
    }
    if (served != null && served.getBoolean(served.fieldIndex("late"))) {
      return Skewed.LATE;
    }
    return both.getBoolean(both.fieldIndex("behind_refused"))
        ? Skewed.HORIZON
        : Skewed.OUT_OF_ORDER;
  }

  private static List<@Nullable Object> values(Row vector) {
    return VectorValues.of(vector.getList(vector.fieldIndex(VALUES)));
  }
}

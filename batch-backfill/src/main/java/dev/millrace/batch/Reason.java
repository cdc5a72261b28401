package dev.millrace.batch;

import dev.millrace.core.CanonicalHash;
import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Why one outcome differs, by itself.
 *
 * @param features names of a vector's values; none for other tables
 */
record Reason(String table, List<String> features) implements MapPartitionsFunction<Row, Row> {

  static final StructType COLUMNS =
      new StructType()
          .add("class", DataTypes.StringType, false)
          .add(Places.TOPIC_ID, DataTypes.StringType, false)
          .add(Places.PARTITION, DataTypes.IntegerType, false)
          .add(Places.OFFSET, DataTypes.LongType, false)
          .add("table", DataTypes.StringType, false)
          .add("key", DataTypes.StringType, true)
          .add("event_id", DataTypes.StringType, true)
          .add("what", DataTypes.StringType, false);

  private static final String VALUES = "values";

  @Override
  public Iterator<Row> call(Iterator<Row> differences) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return differences.hasNext();
      }

      @Override
      public Row next() {
        return row(differences.next());
      }
    };
  }

  private Row row(Row difference) {
    @Nullable Row served = difference.getStruct(difference.fieldIndex("s"));
    @Nullable Row rebuilt = difference.getStruct(difference.fieldIndex("r"));
    Row known = Objects.requireNonNull(served == null ? rebuilt : served);
    return RowFactory.create(
        reason(difference, served).name(),
        difference.getString(difference.fieldIndex(Places.TOPIC_ID)),
        difference.getInt(difference.fieldIndex(Places.PARTITION)),
        difference.getLong(difference.fieldIndex(Places.OFFSET)),
        table,
        known.getString(known.fieldIndex(OriginColumns.KEY)),
        known.getString(known.fieldIndex("event_id")),
        what(difference, served, rebuilt));
  }

  private static Difference reason(Row difference, @Nullable Row served) {
    if (!is(difference, "has_raw")) {
      return Difference.MISSING_INPUT;
    }
    if (is(difference, "encrypted")) {
      return Difference.ERASED;
    }
    if (served != null && isCorrupt(served)) {
      return Difference.CORRUPT;
    }
    return is(difference, "different_spec") ? Difference.SPEC_VERSION : Difference.CODE;
  }

  private static boolean is(Row difference, String column) {
    return difference.getBoolean(difference.fieldIndex(column));
  }

  /** Only vectors carry a hash of themselves. */
  private static boolean isCorrupt(Row served) {
    List<String> columns = Arrays.asList(served.schema().fieldNames());
    if (!columns.contains("vector_sha256")) {
      return false;
    }
    String hash =
        CanonicalHash.start()
            .add(served.getString(columns.indexOf("feature_set_sha256")))
            .add(VectorValues.of(served.getList(columns.indexOf(VALUES))))
            .hex();
    return !hash.equals(served.getString(columns.indexOf("vector_sha256")));
  }

  private String what(Row difference, @Nullable Row served, @Nullable Row rebuilt) {
    if (rebuilt == null) {
      return "served, and not rebuilt";
    }
    if (served == null) {
      return "rebuilt, and not served";
    }
    long times = difference.getLong(difference.fieldIndex("times"));
    if (times > 1) {
      return "served " + times + " times";
    }
    List<String> what = new ArrayList<>();
    String[] columns = served.schema().fieldNames();
    for (int i = 0; i < columns.length; i++) {
      if (!Objects.equals(
          RowDigest.of(served, new int[] {i}), RowDigest.of(rebuilt, new int[] {i}))) {
        what.add(
            columns[i].equals(VALUES)
                ? features(VectorValues.of(served.getList(i)), VectorValues.of(rebuilt.getList(i)))
                : columns[i]);
      }
    }
    return String.join(", ", what);
  }

  private String features(List<@Nullable Object> served, List<@Nullable Object> rebuilt) {
    List<String> what = new ArrayList<>();
    for (int place : VectorValues.differing(served, rebuilt)) {
      what.add(
          "%s served %s rebuilt %s"
              .formatted(
                  VectorValues.name(features, place),
                  VectorValues.at(served, place),
                  VectorValues.at(rebuilt, place)));
    }
    return String.join("; ", what);
  }
}

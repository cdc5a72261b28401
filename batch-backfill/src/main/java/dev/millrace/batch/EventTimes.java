package dev.millrace.batch;

import dev.millrace.schemas.stage.CleansingStage;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows of Bronze, each with the time at which its event happened; null where there is none. */
record EventTimes(Deciding deciding) implements MapPartitionsFunction<Row, Row> {

  static final String COLUMN = "corrected_time";

  static StructType columns(StructType raw) {
    return raw.add(COLUMN, DataTypes.TimestampType, true);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> raw) {
    CleansingStage cleansing = deciding.open().cleansing();
    RawRows rows = new RawRows();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return raw.hasNext();
      }

      @Override
      public Row next() {
        Row row = raw.next();
        Object[] values = new Object[row.size() + 1];
        for (int i = 0; i < row.size(); i++) {
          values[i] = row.get(i);
        }
        values[row.size()] =
            cleansing.eventTime(rows.origin(row), rows.log(row).key(), rows.message(row));
        return RowFactory.create(values);
      }
    };
  }
}

package dev.millrace.sink;

import dev.millrace.schemas.table.OriginColumns;
import dev.millrace.schemas.table.RecordColumns;
import dev.millrace.schemas.table.UnfitRecordException;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one schema: where a record came from, the day it counts for, then its fields, as
 * {@link RecordColumns} has them.
 */
final class RowShape {

  /** Place of the date among the columns; the fields follow. */
  static final int DATE = 5;

  private final StructType columns;
  private final RecordColumns fields;
  private final int dateField;

  /**
   * @param dateField whose day the row counts for; a record that has no such time counts for the
   *     day of its own time
   * @throws UnfitRecordException if no table holds such records
   */
  RowShape(Schema schema, String dateField, String dateColumn) throws UnfitRecordException {
    StructType origin =
        new StructType()
            .add(OriginColumns.TOPIC_ID, StringType.STRING, false)
            .add(OriginColumns.PARTITION, IntegerType.INTEGER, false)
            .add(OriginColumns.OFFSET, LongType.LONG, false)
            .add(OriginColumns.TIMESTAMP, TimestampType.TIMESTAMP, true)
            .add(OriginColumns.KEY, StringType.STRING, true)
            .add(dateColumn, DateType.DATE, true);
    this.fields = new RecordColumns(schema, origin.fieldNames());
    List<StructField> all = new ArrayList<>(origin.fields());
    all.addAll(KernelTypes.of(fields.columns()).fields());
    this.columns = new StructType(all);
    this.dateField =
        RecordColumns.isTime(schema, dateField) ? schema.getField(dateField).pos() : -1;
  }

  StructType columns() {
    return columns;
  }

  /**
   * The values of a row, in the order of {@link #columns}.
   *
   * @throws UnfitRecordException if a value is one that no table holds
   */
  @Nullable Object[] row(String topicId, SinkRecord place, GenericRecord record)
      throws UnfitRecordException {
    @Nullable Object[] row = new Object[columns.length()];
    row[0] = topicId;
    row[1] = place.kafkaPartition();
    row[2] = place.kafkaOffset();
    row[3] = place.timestamp() == null ? null : place.timestamp() * 1000;
    row[4] = place.key() instanceof byte[] key ? new String(key, StandardCharsets.UTF_8) : null;
    @Nullable Object[] values = fields.values(record);
    System.arraycopy(values, 0, row, DATE + 1, values.length);
    Object time = dateField < 0 ? null : values[dateField];
    Object counts = time == null ? row[3] : time;
    row[DATE] = counts == null ? null : RecordColumns.day((Long) counts);
    return row;
  }
}

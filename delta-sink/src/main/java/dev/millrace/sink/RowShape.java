package dev.millrace.sink;

import io.delta.kernel.types.DateType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one schema: where a record came from, the day it counts for, then its fields.
 *
 * <p>A field is NOT NULL if each version of the schema must have it, because it has no default and
 * cannot be null. All else may be missing in some version, and is null then.
 */
final class RowShape {

  static final String TOPIC_ID = "kafka_topic_id";
  static final String PARTITION = "kafka_partition";
  static final String OFFSET = "kafka_offset";
  static final String TIMESTAMP = "kafka_timestamp";
  static final String KEY = "kafka_key";

  /** Place of the date among the columns; the fields follow. */
  static final int DATE = 5;

  private static final long MICROS_A_DAY = 86_400_000_000L;
  private static final LocalDate FIRST_DAY = LocalDate.of(1, 1, 1);
  private static final LocalDate LAST_DAY = LocalDate.of(9999, 12, 31);

  private final StructType columns;
  private final List<Cell> cells;
  private final int dateField;

  /**
   * @param dateField whose day the row counts for; a record that has no such time counts for the
   *     day of its own time
   * @throws UnfitRecordException if no table holds such records
   */
  RowShape(Schema schema, String dateField, String dateColumn) throws UnfitRecordException {
    StructType type =
        new StructType()
            .add(TOPIC_ID, StringType.STRING, false)
            .add(PARTITION, IntegerType.INTEGER, false)
            .add(OFFSET, LongType.LONG, false)
            .add(TIMESTAMP, TimestampType.TIMESTAMP, true)
            .add(KEY, StringType.STRING, true)
            .add(dateColumn, DateType.DATE, true);
    this.cells = new ArrayList<>();
    Cell record = Cell.of(schema);
    StructType fields = (StructType) record.type();
    for (Schema.Field field : schema.getFields()) {
      Cell cell = Cell.of(field.schema());
      Cell.requireNew(type, field.name());
      cells.add(cell);
      type =
          type.add(
              field.name(),
              fields.get(field.name()).getDataType(),
              cell.nullable() || field.hasDefaultValue());
    }
    this.columns = type;
    this.dateField = timeField(schema, dateField);
  }

  private static int timeField(Schema schema, String name) {
    return isTime(schema, name) ? schema.getField(name).pos() : -1;
  }

  /** Whether the schema has that field, and it may have a time. */
  static boolean isTime(Schema schema, String name) {
    Schema.Field field = schema.getField(name);
    if (field == null) {
      return false;
    }
    Schema type = field.schema();
    return type.isUnion() ? type.getTypes().stream().anyMatch(RowShape::isTime) : isTime(type);
  }

  private static boolean isTime(Schema type) {
    return type.getLogicalType() instanceof LogicalTypes.TimestampMicros
        || type.getLogicalType() instanceof LogicalTypes.TimestampMillis;
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
    for (int i = 0; i < cells.size(); i++) {
      row[DATE + 1 + i] = cells.get(i).of(record.get(i));
    }
    Object time = dateField < 0 ? null : row[DATE + 1 + dateField];
    row[DATE] = day(time == null ? row[3] : time);
    return row;
  }

  private static @Nullable Integer day(@Nullable Object micros) {
    if (micros == null) {
      return null;
    }
    long day = Math.floorDiv((Long) micros, MICROS_A_DAY);
    return day < FIRST_DAY.toEpochDay() || day > LAST_DAY.toEpochDay() ? null : (int) day;
  }
}

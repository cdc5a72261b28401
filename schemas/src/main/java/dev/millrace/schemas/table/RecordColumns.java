package dev.millrace.schemas.table;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one Avro schema's records, by the names of its fields.
 *
 * <p>A column is NOT NULL if each version of the schema must have its field, because it has no
 * default and cannot be null. All else may be missing in some version, and is null then.
 *
 * <p>A value is a boxed primitive, a {@code String}, a {@code byte[]}, an {@code Object[]} for the
 * fields of a struct or the elements of a list, or {@link Entries} for a map.
 */
public final class RecordColumns {

  private static final long MICROS_A_DAY = 86_400_000_000L;
  private static final LocalDate FIRST_DAY = LocalDate.of(1, 1, 1);
  private static final LocalDate LAST_DAY = LocalDate.of(9999, 12, 31);

  private final List<Column> columns = new ArrayList<>();
  private final List<Cell> cells = new ArrayList<>();

  /**
   * @param before names of the columns that stand before these
   * @throws UnfitRecordException if no table holds such records
   */
  public RecordColumns(Schema schema, List<String> before) throws UnfitRecordException {
    Cell record = Cell.of(schema);
    List<Column> fields = ((ColumnType.Struct) record.type()).fields();
    for (Schema.Field field : schema.getFields()) {
      Cell cell = Cell.of(field.schema());
      Column.requireNew(before, field.name());
      cells.add(cell);
      columns.add(
          new Column(
              field.name(),
              fields.get(field.pos()).type(),
              cell.nullable() || field.hasDefaultValue()));
    }
  }

  /** One for each field, in their order. */
  public List<Column> columns() {
    return List.copyOf(columns);
  }

  /**
   * The values of a record, in the order of the columns.
   *
   * @param record as Avro reads it without conversions of logical types
   * @throws UnfitRecordException if a value is one that no table holds
   */
  public @Nullable Object[] values(IndexedRecord record) throws UnfitRecordException {
    @Nullable Object[] values = new Object[cells.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = cells.get(i).of(record.get(i));
    }
    return values;
  }

  /** Whether the schema has that field, and it may have a time. */
  public static boolean isTime(Schema schema, String name) {
    Schema.Field field = schema.getField(name);
    if (field == null) {
      return false;
    }
    Schema type = field.schema();
    return type.isUnion() ? type.getTypes().stream().anyMatch(RecordColumns::isTime) : isTime(type);
  }

  private static boolean isTime(Schema type) {
    return type.getLogicalType() instanceof LogicalTypes.TimestampMicros
        || type.getLogicalType() instanceof LogicalTypes.TimestampMillis;
  }

  /** The UTC day of a time, in days since 1970-01-01; null if no table holds it. */
  public static @Nullable Integer day(long micros) {
    long day = Math.floorDiv(micros, MICROS_A_DAY);
    return day < FIRST_DAY.toEpochDay() || day > LAST_DAY.toEpochDay() ? null : (int) day;
  }
}

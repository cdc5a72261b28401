package dev.millrace.schemas.table;

import dev.millrace.schemas.table.ColumnType.Plain;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * How the values of one Avro type stand in a table.
 *
 * @param nullable the Avro type has null among its values
 */
record Cell(ColumnType type, boolean nullable, Conversion conversion) {

  /** From what Avro reads to what a table holds. */
  interface Conversion {

    /**
     * @param value not null
     */
    Object of(Object value) throws UnfitRecordException;
  }

  private static final long FIRST_MICROS = -62_135_596_800_000_000L; // 0001-01-01
  private static final long END_MICROS = 253_402_300_800_000_000L; // 10000-01-01

  @Nullable Object of(@Nullable Object value) throws UnfitRecordException {
    return value == null ? null : conversion.of(value);
  }

  /**
   * @throws UnfitRecordException if no column holds such values
   */
  static Cell of(Schema schema) throws UnfitRecordException {
    return of(schema, Set.of());
  }

  private static Cell of(Schema schema, Set<String> within) throws UnfitRecordException {
    LogicalType logical = schema.getLogicalType();
    return switch (schema.getType()) {
      case BOOLEAN -> plain(Plain.BOOLEAN);
      case INT -> plain(logical instanceof LogicalTypes.Date ? Plain.DATE : Plain.INTEGER);
      case LONG -> ofLong(logical);
      case FLOAT -> plain(Plain.FLOAT);
      case DOUBLE -> plain(Plain.DOUBLE);
      case STRING, ENUM -> new Cell(Plain.STRING, false, Object::toString);
      case BYTES -> new Cell(Plain.BINARY, false, value -> bytes((ByteBuffer) value));
      case FIXED -> new Cell(Plain.BINARY, false, value -> ((GenericFixed) value).bytes().clone());
      case ARRAY -> ofArray(of(schema.getElementType(), within));
      case MAP -> ofMap(of(schema.getValueType(), within));
      case RECORD -> ofRecord(schema, within);
      case UNION -> ofUnion(schema, within);
      case NULL -> throw new UnfitRecordException("has a field that can only be null");
    };
  }

  private static Cell plain(Plain type) {
    return new Cell(type, false, value -> value);
  }

  /** Logical types that no column has stand as what they are written as. */
  private static Cell ofLong(@Nullable LogicalType logical) {
    if (logical instanceof LogicalTypes.TimestampMicros) {
      return new Cell(Plain.TIMESTAMP, false, value -> inRange((Long) value));
    }
    if (logical instanceof LogicalTypes.TimestampMillis) {
      return new Cell(Plain.TIMESTAMP, false, value -> millis((Long) value));
    }
    return plain(Plain.LONG);
  }

  private static Long millis(long value) throws UnfitRecordException {
    return inRange(Math.abs(value) > END_MICROS / 1000 ? END_MICROS : value * 1000);
  }

  private static Long inRange(long micros) throws UnfitRecordException {
    if (micros < FIRST_MICROS || micros >= END_MICROS) {
      throw new UnfitRecordException(
          "has a time outside the years 1 to 9999, which no table holds");
    }
    return micros;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static Cell ofArray(Cell element) {
    return new Cell(
        new ColumnType.ListOf(element.type, element.nullable),
        false,
        value -> all((Collection<?>) value, element));
  }

  private static Cell ofMap(Cell entry) {
    return new Cell(
        new ColumnType.MapOf(entry.type, entry.nullable),
        false,
        value -> {
          Map<?, ?> map = (Map<?, ?>) value;
          Object[] keys = map.keySet().stream().map(Object::toString).toArray();
          return new Entries(keys, all(map.values(), entry));
        });
  }

  private static @Nullable Object[] all(Collection<?> values, Cell cell)
      throws UnfitRecordException {
    @Nullable Object[] converted = new Object[values.size()];
    int i = 0;
    for (Object value : values) {
      converted[i++] = cell.of(value);
    }
    return converted;
  }

  /**
   * Inside a column every field may be null: engines enforce NOT NULL of nested fields differently,
   * and not at all in arrays and maps.
   */
  private static Cell ofRecord(Schema schema, Set<String> within) throws UnfitRecordException {
    if (within.contains(schema.getFullName())) {
      throw new UnfitRecordException(
          "has " + schema.getName() + " inside itself, which no table holds");
    }
    Set<String> inside = new HashSet<>(within);
    inside.add(schema.getFullName());
    List<Cell> cells = new ArrayList<>();
    List<Column> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      Cell cell = of(field.schema(), inside);
      cells.add(cell);
      add(fields, field.name(), cell);
    }
    return new Cell(
        new ColumnType.Struct(fields),
        false,
        value -> {
          IndexedRecord record = (IndexedRecord) value;
          @Nullable Object[] values = new Object[cells.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = cells.get(i).of(record.get(i));
          }
          return values;
        });
  }

  private static void add(List<Column> fields, String name, Cell cell) throws UnfitRecordException {
    Column.requireNew(fields.stream().map(Column::name).toList(), name);
    fields.add(new Column(name, cell.type, true));
  }

  /**
   * Null and one type: that type, nullable. Several types: a struct with a field for each, of which
   * one is set.
   */
  private static Cell ofUnion(Schema union, Set<String> within) throws UnfitRecordException {
    List<Schema> types =
        union.getTypes().stream().filter(type -> type.getType() != Schema.Type.NULL).toList();
    boolean nullable = types.size() < union.getTypes().size();
    if (types.size() == 1) {
      Cell cell = of(types.get(0), within);
      return new Cell(cell.type, nullable, cell.conversion);
    }
    int[] places = new int[union.getTypes().size()];
    Cell[] cells = new Cell[types.size()];
    List<Column> fields = new ArrayList<>();
    for (int i = 0; i < cells.length; i++) {
      cells[i] = of(types.get(i), within);
      places[union.getTypes().indexOf(types.get(i))] = i;
      add(fields, types.get(i).getName().toLowerCase(Locale.ROOT), cells[i]);
    }
    return new Cell(
        new ColumnType.Struct(fields),
        nullable,
        value -> {
          int place = places[GenericData.get().resolveUnion(union, value)];
          @Nullable Object[] values = new Object[cells.length];
          values[place] = cells[place].of(value);
          return values;
        });
  }
}

package dev.millrace.sink;

import dev.millrace.schemas.table.Entries;
import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StructType;
import org.jspecify.annotations.Nullable;

/** A column over values as {@link Cell} makes them. */
final class ValueVector implements ColumnVector {

  /** Where the value of a row is. */
  interface Values {
    @Nullable Object get(int row);
  }

  private final DataType type;
  private final int size;
  private final Values values;

  ValueVector(DataType type, int size, Values values) {
    this.type = type;
    this.size = size;
    this.values = values;
  }

  private static ValueVector of(DataType type, @Nullable Object[] values) {
    return new ValueVector(type, values.length, row -> values[row]);
  }

  @Override
  public DataType getDataType() {
    return type;
  }

  @Override
  public int getSize() {
    return size;
  }

  @Override
  public void close() {}

  @Override
  public boolean isNullAt(int row) {
    return values.get(row) == null;
  }

  @SuppressWarnings("NullAway") // Whoever asks for a value has asked isNullAt before.
  private Object value(int row) {
    return values.get(row);
  }

  @Override
  public boolean getBoolean(int row) {
    return (Boolean) value(row);
  }

  @Override
  public int getInt(int row) {
    return (Integer) value(row);
  }

  @Override
  public long getLong(int row) {
    return (Long) value(row);
  }

  @Override
  public float getFloat(int row) {
    return (Float) value(row);
  }

  @Override
  public double getDouble(int row) {
    return (Double) value(row);
  }

  @Override
  public byte[] getBinary(int row) {
    return (byte[]) value(row);
  }

  @Override
  public String getString(int row) {
    return (String) value(row);
  }

  @Override
  public ArrayValue getArray(int row) {
    ValueVector elements = of(((ArrayType) type).getElementType(), (Object[]) value(row));
    return new ArrayValue() {
      @Override
      public int getSize() {
        return elements.size;
      }

      @Override
      public ColumnVector getElements() {
        return elements;
      }
    };
  }

  @Override
  public MapValue getMap(int row) {
    Entries entries = (Entries) value(row);
    MapType map = (MapType) type;
    return new MapValue() {
      @Override
      public int getSize() {
        return entries.keys().length;
      }

      @Override
      public ColumnVector getKeys() {
        return of(map.getKeyType(), entries.keys());
      }

      @Override
      public ColumnVector getValues() {
        return of(map.getValueType(), entries.values());
      }
    };
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return new ValueVector(
        ((StructType) type).at(ordinal).getDataType(),
        size,
        row -> values.get(row) instanceof Object[] fields ? fields[ordinal] : null);
  }
}

package dev.millrace.sink;

import dev.millrace.schemas.table.Column;
import dev.millrace.schemas.table.Entries;
import dev.millrace.schemas.table.UnfitRecordException;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a table takes rows of another shape: columns are added, at the end and nullable, also inside
 * structs, arrays and maps. Nothing else of a table ever changes.
 */
final class Evolution {

  private Evolution() {}

  /**
   * The table's columns with those added that only the rows have.
   *
   * @throws UnfitRecordException if a column of both has another type, or one that the table
   *     requires is not in the rows
   */
  static StructType merged(StructType table, StructType rows) throws UnfitRecordException {
    for (StructField column : table.fields()) {
      if (!column.isNullable() && find(rows, column.getName()) == null) {
        throw new UnfitRecordException(
            "has no %s, which the table requires".formatted(column.getName()));
      }
    }
    return mergedStruct(table, rows, "");
  }

  private static StructType mergedStruct(StructType table, StructType rows, String path)
      throws UnfitRecordException {
    List<StructField> fields = new ArrayList<>();
    for (StructField column : table.fields()) {
      StructField twin = find(rows, column.getName());
      fields.add(
          twin == null
              ? column
              : new StructField(
                  column.getName(),
                  mergedType(column.getDataType(), twin.getDataType(), path + column.getName()),
                  column.isNullable(),
                  column.getMetadata()));
    }
    for (StructField field : rows.fields()) {
      if (find(table, field.getName()) == null) {
        Column.requireNew(table.fieldNames(), field.getName());
        fields.add(new StructField(field.getName(), field.getDataType(), true));
      }
    }
    return new StructType(fields);
  }

  private static DataType mergedType(DataType table, DataType rows, String path)
      throws UnfitRecordException {
    if (table instanceof StructType struct && rows instanceof StructType other) {
      return mergedStruct(struct, other, path + ".");
    }
    if (table instanceof ArrayType array && rows instanceof ArrayType other) {
      requireNullable(array.containsNull(), other.containsNull(), path);
      return new ArrayType(
          mergedType(array.getElementType(), other.getElementType(), path + ".element"),
          array.containsNull());
    }
    if (table instanceof MapType map && rows instanceof MapType other) {
      requireNullable(map.isValueContainsNull(), other.isValueContainsNull(), path);
      return new MapType(
          map.getKeyType(),
          mergedType(map.getValueType(), other.getValueType(), path + ".value"),
          map.isValueContainsNull());
    }
    if (!table.equivalent(rows)) {
      throw new UnfitRecordException(
          "has %s as %s; the table has it as %s, and a column keeps its type"
              .formatted(path, rows, table));
    }
    return table;
  }

  private static void requireNullable(boolean table, boolean rows, String path)
      throws UnfitRecordException {
    if (rows && !table) {
      throw new UnfitRecordException(
          "may have null inside %s, where the table allows none".formatted(path));
    }
  }

  static @Nullable StructField find(StructType type, String name) {
    int place = type.indexOf(name);
    return place < 0 ? null : type.at(place);
  }

  /**
   * Fields brought into the order of the table; what the rows don't have is null.
   *
   * @param table all of whose columns that the rows have are of the rows' types or wider
   */
  static @Nullable Object[] aligned(@Nullable Object[] fields, StructType rows, StructType table) {
    @Nullable Object[] aligned = new Object[table.length()];
    for (int i = 0; i < aligned.length; i++) {
      int place = rows.indexOf(table.at(i).getName());
      if (place >= 0) {
        aligned[i] =
            alignedValue(fields[place], rows.at(place).getDataType(), table.at(i).getDataType());
      }
    }
    return aligned;
  }

  private static @Nullable Object alignedValue(
      @Nullable Object value, DataType rows, DataType table) {
    if (value == null || rows.equals(table)) {
      return value;
    }
    if (table instanceof StructType struct) {
      return aligned((Object[]) value, (StructType) rows, struct);
    }
    if (table instanceof ArrayType array) {
      return all((Object[]) value, ((ArrayType) rows).getElementType(), array.getElementType());
    }
    if (table instanceof MapType map) {
      Entries entries = (Entries) value;
      return new Entries(
          entries.keys(),
          all(entries.values(), ((MapType) rows).getValueType(), map.getValueType()));
    }
    return value;
  }

  private static @Nullable Object[] all(@Nullable Object[] values, DataType rows, DataType table) {
    @Nullable Object[] aligned = new Object[values.length];
    for (int i = 0; i < aligned.length; i++) {
      aligned[i] = alignedValue(values[i], rows, table);
    }
    return aligned;
  }
}

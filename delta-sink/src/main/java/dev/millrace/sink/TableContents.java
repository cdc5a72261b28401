package dev.millrace.sink;

import io.delta.kernel.Scan;
import io.delta.kernel.ScanBuilder;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The rows of a table as its files have them: what its log says of them is the sink's own word. */
final class TableContents {

  private TableContents() {}

  /**
   * Hands over every row by its columns; structs are maps, arrays lists, times and days numbers.
   */
  static void forEach(Engine engine, String table, Consumer<Map<String, @Nullable Object>> reader)
      throws IOException {
    forEach(engine, table, UnaryOperator.identity(), reader);
  }

  /** As {@link #forEach(Engine, String, Consumer)}, of these columns only. */
  static void forEach(
      Engine engine,
      String table,
      StructType columns,
      Consumer<Map<String, @Nullable Object>> reader)
      throws IOException {
    forEach(engine, table, scan -> scan.withReadSchema(columns), reader);
  }

  private static void forEach(
      Engine engine,
      String table,
      UnaryOperator<ScanBuilder> narrowed,
      Consumer<Map<String, @Nullable Object>> reader)
      throws IOException {
    Scan scan =
        narrowed.apply(TableManager.loadSnapshot(table).build(engine).getScanBuilder()).build();
    Row state = scan.getScanState(engine);
    try (CloseableIterator<FilteredColumnarBatch> files = scan.getScanFiles(engine)) {
      while (files.hasNext()) {
        try (CloseableIterator<Row> batch = files.next().getRows()) {
          while (batch.hasNext()) {
            read(engine, state, batch.next(), reader);
          }
        }
      }
    }
  }

  private static void read(
      Engine engine, Row state, Row file, Consumer<Map<String, @Nullable Object>> reader)
      throws IOException {
    try (CloseableIterator<FileReadResult> data =
            engine
                .getParquetHandler()
                .readParquetFiles(
                    Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                    ScanStateRow.getPhysicalDataReadSchema(state),
                    Optional.empty());
        CloseableIterator<FilteredColumnarBatch> logical =
            Scan.transformPhysicalData(engine, state, file, data.map(FileReadResult::getData))) {
      while (logical.hasNext()) {
        read(logical.next(), reader);
      }
    }
  }

  /** Of a table whose rows can be deleted without their file, some are not selected. */
  private static void read(
      FilteredColumnarBatch filtered, Consumer<Map<String, @Nullable Object>> reader) {
    ColumnarBatch batch = filtered.getData();
    Optional<ColumnVector> selected = filtered.getSelectionVector();
    for (int row = 0; row < batch.getSize(); row++) {
      if (selected.isPresent() && !selected.get().getBoolean(row)) {
        continue;
      }
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      for (int i = 0; i < batch.getSchema().length(); i++) {
        values.put(batch.getSchema().at(i).getName(), value(batch.getColumnVector(i), row));
      }
      reader.accept(values);
    }
  }

  private static @Nullable Object value(ColumnVector vector, int row) {
    if (vector.isNullAt(row)) {
      return null;
    }
    DataType type = vector.getDataType();
    if (type instanceof StringType) {
      return vector.getString(row);
    }
    if (type instanceof IntegerType || type instanceof DateType) {
      return vector.getInt(row);
    }
    if (type instanceof BooleanType) {
      return vector.getBoolean(row);
    }
    if (type instanceof DoubleType) {
      return vector.getDouble(row);
    }
    if (type instanceof FloatType) {
      return vector.getFloat(row);
    }
    if (type instanceof BinaryType) {
      return vector.getBinary(row);
    }
    if (type instanceof ArrayType) {
      ArrayValue array = vector.getArray(row);
      return list(array.getElements(), array.getSize());
    }
    if (type instanceof MapType) {
      MapValue map = vector.getMap(row);
      List<@Nullable Object> keys = list(map.getKeys(), map.getSize());
      List<@Nullable Object> values = list(map.getValues(), map.getSize());
      Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        entries.put(keys.get(i), values.get(i));
      }
      return entries;
    }
    if (type instanceof StructType struct) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      int place = 0;
      for (StructField field : struct.fields()) {
        fields.put(field.getName(), value(vector.getChild(place++), row));
      }
      return fields;
    }
    return vector.getLong(row);
  }

  private static List<@Nullable Object> list(ColumnVector elements, int size) {
    List<@Nullable Object> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add(value(elements, i));
    }
    return list;
  }
}

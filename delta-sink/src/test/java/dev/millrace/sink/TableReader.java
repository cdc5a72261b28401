package dev.millrace.sink;

import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
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
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Reads a whole table, through Delta Kernel. */
final class TableReader {

  private static final Engine ENGINE = DefaultEngine.create(new Configuration());

  private TableReader() {}

  static boolean exists(Path table) {
    return table.resolve("_delta_log/00000000000000000000.json").toFile().exists();
  }

  static Snapshot snapshot(Path table) {
    return TableManager.loadSnapshot(table.toUri().toString()).build(ENGINE);
  }

  /** Each row by its columns; structs are maps, arrays lists, times and days numbers. */
  static List<Map<String, Object>> rows(Path table) {
    return rows(ENGINE, table.toUri().toString());
  }

  /** The rows of a table wherever the engine can read. */
  static List<Map<String, Object>> rows(Engine engine, String table) {
    Scan scan = TableManager.loadSnapshot(table).build(engine).getScanBuilder().build();
    Row state = scan.getScanState(engine);
    List<Map<String, Object>> rows = new ArrayList<>();
    try (CloseableIterator<FilteredColumnarBatch> files = scan.getScanFiles(engine)) {
      while (files.hasNext()) {
        try (CloseableIterator<Row> fileRows = files.next().getRows()) {
          while (fileRows.hasNext()) {
            read(engine, state, fileRows.next(), rows);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static void read(Engine engine, Row state, Row file, List<Map<String, Object>> rows)
      throws IOException {
    FileStatus status = InternalScanFileUtils.getAddFileStatus(file);
    StructType physical = ScanStateRow.getPhysicalDataReadSchema(state);
    try (CloseableIterator<io.delta.kernel.engine.FileReadResult> data =
            engine
                .getParquetHandler()
                .readParquetFiles(
                    Utils.singletonCloseableIterator(status), physical, Optional.empty());
        CloseableIterator<FilteredColumnarBatch> logical =
            Scan.transformPhysicalData(engine, state, file, data.map(result -> result.getData()))) {
      while (logical.hasNext()) {
        ColumnarBatch batch = logical.next().getData();
        for (int row = 0; row < batch.getSize(); row++) {
          Map<String, Object> values = new LinkedHashMap<>();
          for (int i = 0; i < batch.getSchema().length(); i++) {
            values.put(batch.getSchema().at(i).getName(), value(batch.getColumnVector(i), row));
          }
          rows.add(values);
        }
      }
    }
  }

  private static Object value(ColumnVector vector, int row) {
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
      List<Object> keys = list(map.getKeys(), map.getSize());
      List<Object> values = list(map.getValues(), map.getSize());
      Map<Object, Object> entries = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        entries.put(keys.get(i), values.get(i));
      }
      return entries;
    }
    if (type instanceof StructType struct) {
      Map<String, Object> fields = new LinkedHashMap<>();
      int place = 0;
      for (StructField field : struct.fields()) {
        fields.put(field.getName(), value(vector.getChild(place++), row));
      }
      return fields;
    }
    return vector.getLong(row);
  }

  private static List<Object> list(ColumnVector elements, int size) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add(value(elements, i));
    }
    return list;
  }
}

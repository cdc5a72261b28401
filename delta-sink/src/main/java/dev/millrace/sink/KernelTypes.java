package dev.millrace.sink;

import dev.millrace.schemas.table.Column;
import dev.millrace.schemas.table.ColumnType;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import java.util.List;

/** Columns by the names that Delta Kernel has for them. */
final class KernelTypes {

  private KernelTypes() {}

  static StructType of(List<Column> columns) {
    return new StructType(
        columns.stream()
            .map(column -> new StructField(column.name(), of(column.type()), column.nullable()))
            .toList());
  }

  private static DataType of(ColumnType type) {
    if (type instanceof ColumnType.Plain plain) {
      return of(plain);
    }
    if (type instanceof ColumnType.Struct struct) {
      return of(struct.fields());
    }
    if (type instanceof ColumnType.ListOf list) {
      return new ArrayType(of(list.element()), list.nullable());
    }
    ColumnType.MapOf map = (ColumnType.MapOf) type;
    return new MapType(StringType.STRING, of(map.value()), map.nullable());
  }

  private static DataType of(ColumnType.Plain plain) {
    return switch (plain) {
      case BOOLEAN -> BooleanType.BOOLEAN;
      case INTEGER -> IntegerType.INTEGER;
      case LONG -> LongType.LONG;
      case FLOAT -> FloatType.FLOAT;
      case DOUBLE -> DoubleType.DOUBLE;
      case STRING -> StringType.STRING;
      case BINARY -> BinaryType.BINARY;
      case DATE -> DateType.DATE;
      case TIMESTAMP -> TimestampType.TIMESTAMP;
    };
  }
}

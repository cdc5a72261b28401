package dev.millrace.batch;

import dev.millrace.schemas.table.Column;
import dev.millrace.schemas.table.ColumnType;
import dev.millrace.schemas.table.Entries;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** Columns and their values by the names that Spark has for them. */
final class SparkColumns {

  private SparkColumns() {}

  static StructType of(List<Column> columns) {
    return new StructType(
        columns.stream()
            .map(
                column ->
                    new StructField(
                        column.name(), of(column.type()), column.nullable(), Metadata.empty()))
            .toArray(StructField[]::new));
  }

  private static DataType of(ColumnType type) {
    if (type instanceof ColumnType.Plain plain) {
      return of(plain);
    }
    if (type instanceof ColumnType.Struct struct) {
      return of(struct.fields());
    }
    if (type instanceof ColumnType.ListOf list) {
      return DataTypes.createArrayType(of(list.element()), list.nullable());
    }
    ColumnType.MapOf map = (ColumnType.MapOf) type;
    return DataTypes.createMapType(DataTypes.StringType, of(map.value()), map.nullable());
  }

  private static DataType of(ColumnType.Plain plain) {
    return switch (plain) {
      case BOOLEAN -> DataTypes.BooleanType;
      case INTEGER -> DataTypes.IntegerType;
      case LONG -> DataTypes.LongType;
      case FLOAT -> DataTypes.FloatType;
      case DOUBLE -> DataTypes.DoubleType;
      case STRING -> DataTypes.StringType;
      case BINARY -> DataTypes.BinaryType;
      case DATE -> DataTypes.DateType;
      case TIMESTAMP -> DataTypes.TimestampType;
    };
  }

  /** A value of a row, as Spark takes it with Java 8's times. */
  static @Nullable Object value(@Nullable Object value, ColumnType type) {
    if (value == null) {
      return null;
    }
    if (type instanceof ColumnType.Struct struct) {
      return row((Object[]) value, struct.fields());
    }
    if (type instanceof ColumnType.ListOf list) {
      @Nullable Object[] elements = (Object[]) value;
      @Nullable Object[] converted = new Object[elements.length];
      for (int i = 0; i < converted.length; i++) {
        converted[i] = value(elements[i], list.element());
      }
      return converted;
    }
    if (type instanceof ColumnType.MapOf map) {
      Entries entries = (Entries) value;
      Map<Object, @Nullable Object> converted = new LinkedHashMap<>();
      for (int i = 0; i < entries.keys().length; i++) {
        converted.put(entries.keys()[i], value(entries.values()[i], map.value()));
      }
      return CollectionConverters.asScala(converted);
    }
    if (type == ColumnType.Plain.TIMESTAMP) {
      return Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS);
    }
    return type == ColumnType.Plain.DATE ? LocalDate.ofEpochDay((Integer) value) : value;
  }

  private static Row row(@Nullable Object[] values, List<Column> fields) {
    @Nullable Object[] converted = new Object[values.length];
    for (int i = 0; i < converted.length; i++) {
      converted[i] = value(values[i], fields.get(i).type());
    }
    return RowFactory.create(converted);
  }
}

package dev.millrace.batch;

import static org.apache.spark.sql.functions.col;

import dev.millrace.schemas.table.LakeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Outcomes by the raw event that they are of, and a digest of all they say.
 *
 * @param table whose outcomes they are
 */
record Places(String table) implements MapPartitionsFunction<Row, Row> {

  static final String TOPIC_ID = "topic_id";
  static final String PARTITION = "partition";
  static final String OFFSET = "offset";

  /** Tells outcomes of one raw event in one table apart. */
  static final String PART = "part";

  static final String DIGEST = "digest";

  static final List<String> KEYS = List.of(TOPIC_ID, PARTITION, OFFSET, PART);

  private static final StructType COLUMNS =
      new StructType()
          .add(TOPIC_ID, DataTypes.StringType, false)
          .add(PARTITION, DataTypes.IntegerType, false)
          .add(OFFSET, DataTypes.LongType, false)
          .add(PART, DataTypes.StringType, false)
          .add(DIGEST, DataTypes.StringType, false);

  /**
   * What a row of the table says: the key and the fields of its message, in their order, as this
   * release would have landed them. What a message had not then has its default.
   *
   * <p>Where a fault of ours was thrown is left out: the virtual machine and every release name the
   * place otherwise.
   */
  static Dataset<Row> said(Dataset<Row> rows, LakeTable table) {
    MessageRows messages = MessageRows.of(table);
    List<Column> said = new ArrayList<>();
    StructType known = nullable(messages.columns());
    for (StructField column : known.fields()) {
      if (!column.name().equals(table.dateColumn()) && !column.name().equals("exception")) {
        Column value = col(column.name());
        Object byDefault = messages.byDefault(column.name());
        said.add(
            byDefault == null
                ? value
                : functions.coalesce(value, constant(byDefault, column)).as(column.name()));
      }
    }
    return rows.to(known).select(said.toArray(Column[]::new));
  }

  /** A table may allow null where a message does not, and what it does not have yet is null. */
  private static StructType nullable(StructType type) {
    return new StructType(
        Arrays.stream(type.fields())
            .map(
                field ->
                    new StructField(
                        field.name(), nullable(field.dataType()), true, field.metadata()))
            .toArray(StructField[]::new));
  }

  private static DataType nullable(DataType type) {
    if (type instanceof StructType struct) {
      return nullable(struct);
    }
    if (type instanceof ArrayType array) {
      return DataTypes.createArrayType(nullable(array.elementType()), true);
    }
    return type instanceof MapType map
        ? DataTypes.createMapType(map.keyType(), nullable(map.valueType()), true)
        : type;
  }

  private static Column constant(Object byDefault, StructField column) {
    return byDefault instanceof Map || byDefault instanceof List
        ? functions.from_json(
            functions.lit(byDefault instanceof Map ? "{}" : "[]"), column.dataType())
        : functions.lit(byDefault);
  }

  /** By place. */
  static Dataset<Row> of(Dataset<Row> said, LakeTable table) {
    return said.mapPartitions(new Places(table.name()), Encoders.row(COLUMNS));
  }

  /** The same of the column {@code row}, beside what names its outcome. */
  static Column part(LakeTable table) {
    return table.equals(LakeTable.QUARANTINED)
        ? functions.concat_ws(
            "/", col("stage"), functions.coalesce(col("feature_set_sha256"), functions.lit("")))
        : functions.lit("");
  }

  @Override
  public Iterator<Row> call(Iterator<Row> said) {
    boolean quarantined = table.equals(LakeTable.QUARANTINED.name());
    return new Iterator<>() {
      private int[] places = {};

      @Override
      public boolean hasNext() {
        return said.hasNext();
      }

      @Override
      public Row next() {
        Row row = said.next();
        if (places.length == 0) {
          places = IntStream.range(0, row.size()).toArray();
        }
        Row origin = row.getStruct(row.fieldIndex("origin"));
        return RowFactory.create(
            origin.getString(0),
            origin.getInt(1),
            origin.getLong(2),
            quarantined ? part(row) : "",
            RowDigest.of(row, places));
      }
    };
  }

  private static String part(Row row) {
    String set = row.getString(row.fieldIndex("feature_set_sha256"));
    return row.getString(row.fieldIndex("stage")) + "/" + (set == null ? "" : set);
  }
}

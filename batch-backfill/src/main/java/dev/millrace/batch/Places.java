package dev.millrace.batch;

import static org.apache.spark.sql.functions.col;

import dev.millrace.schemas.table.LakeTable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
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
   * What a row of the table says: the key and the fields of its message, in their order. A column
   * that the table does not have yet is null.
   */
  static Dataset<Row> said(Dataset<Row> rows, LakeTable table, StructType columns) {
    List<String> known = Arrays.asList(rows.columns());
    Column[] said =
        Arrays.stream(columns.fields())
            .filter(column -> !column.name().equals(table.dateColumn()))
            .map(column -> said(column, known))
            .toArray(Column[]::new);
    return rows.select(said);
  }

  private static Column said(StructField column, List<String> known) {
    return known.contains(column.name())
        ? col(column.name())
        : functions.lit(null).cast(column.dataType()).as(column.name());
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

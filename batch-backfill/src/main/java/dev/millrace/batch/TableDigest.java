package dev.millrace.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.substring;

import dev.millrace.core.CanonicalHash;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Names a table by one SHA-256, in whatever order and however many files and parts its rows are:
 * digests of rows are sorted, and those with the same first byte hashed together, then the at most
 * 256 results.
 */
record TableDigest() implements MapPartitionsFunction<Row, Row> {

  private static final String FIRST = "first";
  private static final StructType DIGESTS =
      new StructType().add(Places.DIGEST, DataTypes.StringType, false);
  private static final StructType COLUMNS =
      new StructType()
          .add(FIRST, DataTypes.StringType, false)
          .add(Places.DIGEST, DataTypes.StringType, false);

  /** Of all columns of the rows. */
  static String ofRows(Dataset<Row> rows) {
    return of(rows.mapPartitions(new RowDigests(), Encoders.row(DIGESTS)));
  }

  /**
   * @param digests of the rows, in a column {@link Places#DIGEST}
   */
  static String of(Dataset<Row> digests) {
    List<Row> firsts =
        digests
            .select(substring(col(Places.DIGEST), 1, 2).as(FIRST), col(Places.DIGEST))
            .repartition(col(FIRST))
            .sortWithinPartitions(FIRST, Places.DIGEST)
            .mapPartitions(new TableDigest(), Encoders.row(COLUMNS))
            .orderBy(FIRST)
            .collectAsList();
    CanonicalHash all = CanonicalHash.start();
    firsts.forEach(row -> all.add(row.getString(0)).add(row.getString(1)));
    return all.hex();
  }

  @Override
  public Iterator<Row> call(Iterator<Row> sorted) {
    List<Row> firsts = new ArrayList<>();
    String first = "";
    Running hash = new Running();
    while (sorted.hasNext()) {
      Row row = sorted.next();
      if (!row.getString(0).equals(first)) {
        hash.endInto(firsts, first);
        first = row.getString(0);
      }
      hash.add(row.getString(1));
    }
    hash.endInto(firsts, first);
    return firsts.iterator();
  }

  /** Each row's digest. */
  private record RowDigests() implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public Row next() {
          Row row = rows.next();
          return RowFactory.create(RowDigest.of(row, IntStream.range(0, row.size()).toArray()));
        }
      };
    }
  }

  /** A hash that takes as many digests as there are, in little memory. */
  private static final class Running {
    private String soFar = "";

    void add(String digest) {
      soFar = CanonicalHash.start().add(soFar).add(digest).hex();
    }

    void endInto(List<Row> firsts, String first) {
      if (!soFar.isEmpty()) {
        firsts.add(RowFactory.create(first, soFar));
      }
      soFar = "";
    }
  }
}

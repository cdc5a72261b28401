package dev.millrace.batch;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.millrace.core.CanonicalHash;
import dev.millrace.schemas.table.LakeTable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import scala.collection.JavaConverters;

/**
 * What was served against what the log makes of itself again. Each outcome of each raw event that
 * Bronze has is compared, value by value.
 */
final class Parity {

  private static final String SERVED = "served";
  private static final String REBUILT = "rebuilt";
  private static final String TIMES = "times";

  private final Lake lake;
  private final Replay replay;
  private final Steps steps;

  Parity(Lake lake, Replay replay, Steps steps) {
    this.lake = lake;
    this.replay = replay;
    this.steps = steps;
  }

  Certificate run() {
    Dataset<Row> bounds = replay.range().rows(replay.raw().spark());
    Dataset<Row> folded = replay.fold().persist(StorageLevel.DISK_ONLY());
    try {
      steps.run("fold", folded::count);
      List<Compared> compared = new ArrayList<>();
      for (LakeTable table : replay.tables()) {
        compared.add(compare(table, folded, bounds));
      }
      boolean same = compared.stream().allMatch(table -> table.different() == 0);
      List<Certificate.Found> found =
          same ? List.of() : new Differences(replay, compared).classified(steps);
      return certificate(compared, found);
    } finally {
      folded.unpersist();
    }
  }

  /**
   * One table, compared.
   *
   * @param servedSaid rows of the table that was served, of raw events within the bounds
   * @param rebuiltSaid rows that were rebuilt
   * @param differing by place: how often it was served, the two digests
   * @param newer rows that were served of raw events behind Bronze's end
   */
  record Compared(
      LakeTable table,
      long servedVersion,
      Dataset<Row> servedSaid,
      Dataset<Row> rebuiltSaid,
      Dataset<Row> differing,
      long rows,
      long different,
      long newer,
      String digest) {}

  private Compared compare(LakeTable table, Dataset<Row> folded, Dataset<Row> bounds) {
    StructType columns = MessageRows.of(table, replay.unfit()).columns();
    Dataset<Row> rebuiltSaid = Places.said(replay.rows(folded, table), table, columns);
    boolean isServed = lake.has(table.name());
    long version = isServed ? lake.pin(table.name()).version() : -1;
    Dataset<Row> servedRows =
        isServed
            ? new Lake.Pinned(replay.raw().spark(), table.name(), lake.path(table.name()), version)
                .rows()
            : replay.raw().spark().createDataFrame(List.of(), columns);
    if (table.equals(LakeTable.QUARANTINED)) {
      // Scoring's are not rebuilt here.
      servedRows = servedRows.filter(col("stage").isin("cleansing", "features"));
    }
    Dataset<Row> bounded =
        Places.said(servedRows, table, columns)
            .join(
                broadcast(bounds),
                col("origin.topic_id")
                    .equalTo(col(Range.TOPIC_ID))
                    .and(col("origin.partition").equalTo(col(Range.PARTITION))),
                "left");
    Column known =
        coalesce(
            col("origin.offset").geq(col(Range.FROM)).and(col("origin.offset").lt(col(Range.TO))),
            lit(false));
    Column behind = coalesce(col("origin.offset").geq(col(Range.TO)), lit(true));
    Dataset<Row> servedSaid =
        bounded.filter(known).drop(Range.TOPIC_ID, Range.PARTITION, Range.FROM, Range.TO);

    Dataset<Row> served =
        Places.of(servedSaid, table)
            .groupBy(keys())
            .agg(count(lit(1)).as(TIMES), min(Places.DIGEST).as(SERVED));
    Dataset<Row> rebuilt = Places.of(rebuiltSaid, table).withColumnRenamed(Places.DIGEST, REBUILT);
    Dataset<Row> joined =
        served
            .join(rebuilt, JavaConverters.asScala(Places.KEYS).toSeq(), "full_outer")
            .persist(StorageLevel.DISK_ONLY());
    Column same =
        col(SERVED)
            .isNotNull()
            .and(col(REBUILT).isNotNull())
            .and(col(SERVED).equalTo(col(REBUILT)))
            .and(col(TIMES).equalTo(1));
    Row[] counts = new Row[1];
    long[] newer = new long[1];
    String[] digest = new String[1];
    steps.run(
        table.name(),
        () -> {
          counts[0] =
              joined
                  .agg(count(lit(1)), coalesce(sum(when(same, 0L).otherwise(1L)), lit(0L)))
                  .first();
          newer[0] = bounded.filter(behind).count();
          digest[0] =
              TableDigest.of(
                  joined.filter(col(REBUILT).isNotNull()).select(col(REBUILT).as(Places.DIGEST)));
        });
    return new Compared(
        table,
        version,
        servedSaid,
        rebuiltSaid,
        joined.filter(differs(same)),
        counts[0].getLong(0),
        counts[0].getLong(1),
        newer[0],
        digest[0]);
  }

  private static Column differs(Column same) {
    return not(coalesce(same, lit(false)));
  }

  private static Column[] keys() {
    return Places.KEYS.stream().map(key -> col(key)).toArray(Column[]::new);
  }

  private Certificate certificate(List<Compared> compared, List<Certificate.Found> found) {
    CanonicalHash digest = CanonicalHash.start();
    List<Certificate.Table> tables = new ArrayList<>();
    for (Compared table : compared) {
      digest.add(table.table().name()).add(table.digest());
      tables.add(
          new Certificate.Table(
              table.table().name(),
              table.servedVersion(),
              table.rows(),
              table.different(),
              table.newer(),
              table.digest()));
    }
    return new Certificate(
        replay.raw().name(),
        replay.raw().version(),
        Code.sha256(),
        tables,
        tables.stream().mapToLong(Certificate.Table::compared).sum(),
        tables.stream().mapToLong(Certificate.Table::different).sum(),
        digest.hex(),
        found);
  }
}

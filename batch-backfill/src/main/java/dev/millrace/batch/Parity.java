package dev.millrace.batch;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.millrace.core.CanonicalHash;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.stage.FeaturesStage;
import dev.millrace.schemas.table.LakeTable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What was served against what the log makes of itself again. Each outcome of each raw event that
 * Bronze has is compared, value by value.
 */
final class Parity {

  private static final String SERVED = "served";
  private static final String REBUILT = "rebuilt";
  private static final String TIMES = "times";
  private static final String PENDING = "pending";

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
      if (steps.get("fold", folded::count) == 0) {
        throw new BatchException(
            "There is nothing to compare: %s has no events in that range."
                .formatted(replay.raw().name()));
      }
      List<Compared> compared = new ArrayList<>();
      for (LakeTable table : replay.tables()) {
        compared.add(compare(table, folded, bounds));
      }
      boolean same = compared.stream().allMatch(table -> table.found().different() == 0);
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
   * @param servedSaid rows that were served, of raw events within the range
   * @param rebuiltSaid rows that were rebuilt
   * @param differing by place: how often it was served, the two digests
   */
  record Compared(
      LakeTable table,
      Certificate.Table found,
      Dataset<Row> servedSaid,
      Dataset<Row> rebuiltSaid,
      Dataset<Row> differing) {}

  private Compared compare(LakeTable table, Dataset<Row> folded, Dataset<Row> bounds) {
    Dataset<Row> rebuiltSaid = Places.said(replay.rows(folded, table), table);
    boolean isServed = lake.has(table.name());
    Lake.@Nullable Pinned pinned = isServed ? lake.pin(table.name()) : null;
    Dataset<Row> servedRows =
        pinned == null
            ? replay.raw().spark().createDataFrame(List.of(), MessageRows.of(table).columns())
            : pinned.rows();
    if (table.equals(LakeTable.QUARANTINED)) {
      // Scoring's are not rebuilt here; and what features could not read names its own record.
      servedRows =
          servedRows.filter(
              col("stage")
                  .equalTo(CleansingStage.NAME)
                  .or(
                      col("stage")
                          .equalTo(FeaturesStage.NAME)
                          .and(col("received_at").isNotNull())));
    }
    Dataset<Row> bounded =
        Places.said(servedRows, table)
            .join(
                broadcast(bounds),
                col("origin.topic_id")
                    .equalTo(col(Range.TOPIC_ID))
                    .and(col("origin.partition").equalTo(col(Range.PARTITION))),
                "left");
    Column behind = coalesce(col("origin.offset").geq(col(Range.TO)), lit(false));
    Column before = coalesce(col("origin.offset").lt(col(Range.FROM)), lit(false));
    Dataset<Row> servedSaid =
        bounded
            .filter(not(behind).and(not(before)))
            .drop(Range.TOPIC_ID, Range.PARTITION, Range.FROM, Range.TO);
    Dataset<Row> served =
        Places.of(servedSaid, table)
            .groupBy(keys())
            .agg(count(lit(1)).as(TIMES), min(Places.DIGEST).as(SERVED));
    Dataset<Row> rebuilt = Places.of(rebuiltSaid, table).withColumnRenamed(Places.DIGEST, REBUILT);
    Dataset<Row> joined =
        pending(served.join(rebuilt, keyNames(), "full_outer"), served)
            .persist(StorageLevel.DISK_ONLY());
    Column same =
        col(SERVED)
            .isNotNull()
            .and(col(REBUILT).isNotNull())
            .and(col(SERVED).equalTo(col(REBUILT)))
            .and(col(TIMES).equalTo(1));
    Column different = differs(same).and(not(col(PENDING)));
    return steps.get(
        table.name(),
        () -> {
          Row counts =
              joined
                  .agg(
                      count(lit(1)),
                      coalesce(sum(when(different, 1L)), lit(0L)),
                      coalesce(sum(when(col(PENDING), 1L)), lit(0L)),
                      count(col(REBUILT)))
                  .first();
          long pending = counts.getLong(2);
          Certificate.Table found =
              new Certificate.Table(
                  table.name(),
                  pinned == null ? -1 : pinned.version(),
                  counts.getLong(0) - pending,
                  counts.getLong(1),
                  pending,
                  bounded.filter(behind).count(),
                  folded.filter(col(Fold.TABLE).equalTo(table.name())).count() - counts.getLong(3),
                  TableDigest.of(
                      joined
                          .filter(col(REBUILT).isNotNull())
                          .select(col(REBUILT).as(Places.DIGEST))));
          if (found.different() == 0) {
            joined.unpersist();
          }
          return new Compared(table, found, servedSaid, rebuiltSaid, joined.filter(different));
        });
  }

  /** Rebuilt, and behind all that is served of its partition in the table: it is still to come. */
  private static Dataset<Row> pending(Dataset<Row> joined, Dataset<Row> served) {
    Dataset<Row> ends =
        served.groupBy(Places.TOPIC_ID, Places.PARTITION).agg(max(Places.OFFSET).as("served_to"));
    return joined
        .join(
            broadcast(ends),
            CollectionConverters.asScala(List.of(Places.TOPIC_ID, Places.PARTITION)).toSeq(),
            "left")
        .withColumn(
            PENDING,
            col(SERVED).isNull().and(coalesce(col(Places.OFFSET).gt(col("served_to")), lit(true))));
  }

  private static scala.collection.immutable.Seq<String> keyNames() {
    return CollectionConverters.asScala(Places.KEYS).toSeq();
  }

  private static Column differs(Column same) {
    return not(coalesce(same, lit(false)));
  }

  private static Column[] keys() {
    return Places.KEYS.stream().map(key -> col(key)).toArray(Column[]::new);
  }

  private Certificate certificate(List<Compared> compared, List<Certificate.Found> found) {
    CanonicalHash digest = CanonicalHash.start();
    List<Certificate.Table> tables = compared.stream().map(Compared::found).toList();
    tables.forEach(table -> digest.add(table.name()).add(table.digest()));
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

package dev.millrace.batch;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;

import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Served order against corrected order: the same events, folded twice. Only the values of vectors
 * are compared, for that is what a model is trained on and asked with.
 */
final class Skew {

  private static final List<String> EVENT =
      List.of(Places.TOPIC_ID, Places.PARTITION, Places.OFFSET);

  private final Replay replay;
  private final Steps steps;

  Skew(Replay replay, Steps steps) {
    this.replay = replay;
    this.steps = steps;
  }

  SkewReport run() {
    Replay served = replay.in(Choice.Order.SERVED);
    Replay corrected = replay.in(Choice.Order.CORRECTED);
    Dataset<Row> servedFold = served.fold().persist(StorageLevel.DISK_ONLY());
    Dataset<Row> correctedFold = corrected.fold().persist(StorageLevel.DISK_ONLY());
    try {
      steps.run("fold as served", servedFold::count);
      steps.run("fold as corrected", correctedFold::count);
      Dataset<Row> refused = refused(served.rows(servedFold, LakeTable.QUARANTINED));
      List<SkewReport.Table> tables = new ArrayList<>();
      for (LakeTable table : replay.featureTables()) {
        steps.run(
            table.name(),
            () ->
                tables.add(
                    compare(
                        table,
                        said(served.rows(servedFold, table), "s"),
                        said(corrected.rows(correctedFold, table), "r"),
                        refused)));
      }
      return new SkewReport(replay.raw().name(), replay.raw().version(), tables);
    } finally {
      servedFold.unpersist();
      correctedFold.unpersist();
    }
  }

  private static Dataset<Row> said(Dataset<Row> vectors, String name) {
    return vectors.select(
        col("origin.topic_id").as(Places.TOPIC_ID),
        col("origin.partition").as(Places.PARTITION),
        col("origin.offset").as(Places.OFFSET),
        struct(
                col(OriginColumns.KEY),
                col("event_id"),
                col("as_of"),
                col("late"),
                col(SkewReason.VALUES))
            .as(name));
  }

  /** Events that came too late to be told from duplicates. */
  private static Dataset<Row> refused(Dataset<Row> quarantined) {
    return quarantined
        .filter(expr("exists(violations, v -> v.rule = 'BEYOND_HORIZON')"))
        .select(
            col("origin.topic_id").as(Places.TOPIC_ID),
            col("origin.partition").as(Places.PARTITION),
            col("origin.offset").as(Places.OFFSET),
            coalesce(col(OriginColumns.KEY), lit("")).as("user"),
            col("event_time"));
  }

  private SkewReport.Table compare(
      LakeTable table, Dataset<Row> served, Dataset<Row> corrected, Dataset<Row> refused) {
    Dataset<Row> both =
        served.join(corrected, seq(EVENT), "full_outer").persist(StorageLevel.DISK_ONLY());
    Dataset<Row> horizons =
        refused.groupBy("user", Places.PARTITION).agg(min("event_time").as("refused_since"));
    Dataset<Row> reasons =
        both.join(
                refused.select(
                    col(Places.TOPIC_ID),
                    col(Places.PARTITION),
                    col(Places.OFFSET),
                    lit(true).as("refused")),
                seq(EVENT),
                "left")
            .withColumn(
                "user",
                coalesce(col("s." + OriginColumns.KEY), col("r." + OriginColumns.KEY), lit("")))
            .join(horizons, seq(List.of("user", Places.PARTITION)), "left")
            .select(
                col(Places.TOPIC_ID),
                col(Places.PARTITION),
                col(Places.OFFSET),
                col("s"),
                col("r"),
                coalesce(col("refused"), lit(false)).as("refused"),
                coalesce(
                        col("refused_since").leq(coalesce(col("s.as_of"), col("r.as_of"))),
                        lit(false))
                    .as("behind_refused"))
            .mapPartitions(
                new SkewReason(table.name(), replay.featureNames(table)),
                Encoders.row(SkewReason.COLUMNS))
            .persist(StorageLevel.DISK_ONLY());
    try {
      return new SkewReport.Table(table.name(), both.count(), found(reasons), features(reasons));
    } finally {
      reasons.unpersist();
      both.unpersist();
    }
  }

  private static List<SkewReport.Found> found(Dataset<Row> reasons) {
    List<SkewReport.Found> found = new ArrayList<>();
    for (Row row :
        reasons
            .groupBy("class")
            .agg(
                count(lit(1)),
                min(
                    struct(
                        col(Places.PARTITION),
                        col(Places.OFFSET),
                        col(Places.TOPIC_ID),
                        col("table"),
                        col("key"),
                        col("event_id"),
                        col("what"))))
            .orderBy("class")
            .collectAsList()) {
      found.add(
          new SkewReport.Found(
              Skewed.valueOf(row.getString(0)),
              row.getLong(1),
              Certificate.Example.of(row.getStruct(2))));
    }
    return found;
  }

  private static SortedMap<String, SortedMap<Skewed, Long>> features(Dataset<Row> reasons) {
    SortedMap<String, SortedMap<Skewed, Long>> features = new TreeMap<>();
    for (Row row :
        reasons
            .select(col("class"), explode(col("features")).as("feature"))
            .groupBy("class", "feature")
            .count()
            .collectAsList()) {
      features
          .computeIfAbsent(row.getString(1), feature -> new TreeMap<>(Map.of()))
          .put(Skewed.valueOf(row.getString(0)), row.getLong(2));
    }
    return features;
  }

  private static scala.collection.immutable.Seq<String> seq(List<String> names) {
    return CollectionConverters.asScala(names).toSeq();
  }
}

package dev.millrace.batch;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;

import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import scala.collection.JavaConverters;

/** Finds the reason of each difference, and the first of each reason. */
final class Differences {

  /** Names a raw event. */
  private static final List<String> EVENT =
      List.of(Places.TOPIC_ID, Places.PARTITION, Places.OFFSET);

  private final Replay replay;
  private final List<Parity.Compared> compared;

  Differences(Replay replay, List<Parity.Compared> compared) {
    this.replay = replay;
    this.compared = compared;
  }

  List<Certificate.Found> classified(Steps steps) {
    Dataset<Row> raw =
        replay
            .raw()
            .rows()
            .select(
                col(OriginColumns.TOPIC_ID).as(Places.TOPIC_ID),
                col(OriginColumns.PARTITION).as(Places.PARTITION),
                col(OriginColumns.OFFSET).as(Places.OFFSET),
                lit(true).as("has_raw"),
                col("payload_key_id").isNotNull().as("encrypted"));
    Dataset<Row> missing = missing(raw);
    Dataset<Row> servedSpecs = specs(true);
    Dataset<Row> rebuiltSpecs = specs(false);
    Map<Difference, Certificate.Found> found = new TreeMap<>();
    for (int i = 0; i < compared.size(); i++) {
      Parity.Compared table = compared.get(i);
      if (table.different() == 0) {
        continue;
      }
      Dataset<Row> reasons = reasons(table, raw, missing, servedSpecs, rebuiltSpecs, i);
      steps.run(
          "differences in " + table.table().name(),
          () -> collect(reasons).forEach(f -> found.merge(f.difference(), f, Differences::both)));
    }
    return new ArrayList<>(found.values());
  }

  private static Certificate.Found both(Certificate.Found a, Certificate.Found b) {
    Comparator<Certificate.Found> order =
        Comparator.<Certificate.Found>comparingInt(
                f -> (Integer) f.first().origin().getOrDefault(Places.PARTITION, 0))
            .thenComparingLong(f -> (Long) f.first().origin().getOrDefault(Places.OFFSET, 0L));
    return new Certificate.Found(
        a.difference(), a.count() + b.count(), order.compare(b, a) < 0 ? b.first() : a.first());
  }

  /** Of each user, the first event that was served and is not in Bronze. */
  private Dataset<Row> missing(Dataset<Row> raw) {
    Dataset<Row> missing = null;
    for (Parity.Compared table : compared) {
      if (isOfCleansing(table.table())) {
        Dataset<Row> served =
            table
                .servedSaid()
                .select(
                    coalesce(col(OriginColumns.KEY), lit("")).as("user"),
                    col("origin.topic_id").as(Places.TOPIC_ID),
                    col("origin.partition").as(Places.PARTITION),
                    col("origin.offset").as(Places.OFFSET));
        Dataset<Row> without = served.join(raw, seq(EVENT), "left_anti");
        missing = missing == null ? without : missing.union(without);
      }
    }
    return java.util.Objects.requireNonNull(missing)
        .groupBy(col("user"), col(Places.PARTITION))
        .agg(min(Places.OFFSET).as("missing_since"));
  }

  private static boolean isOfCleansing(LakeTable table) {
    return table.equals(LakeTable.CLEAN)
        || table.equals(LakeTable.DUPLICATES)
        || table.equals(LakeTable.QUARANTINED);
  }

  /** What decided each event at cleansing, whatever the outcome. */
  private Dataset<Row> specs(boolean served) {
    String name = served ? "served_spec" : "rebuilt_spec";
    Dataset<Row> specs = null;
    for (Parity.Compared table : compared) {
      if (isOfCleansing(table.table())) {
        Dataset<Row> rows = served ? table.servedSaid() : table.rebuiltSaid();
        if (table.table().equals(LakeTable.QUARANTINED)) {
          rows = rows.filter(col("stage").equalTo("cleansing"));
        }
        Dataset<Row> its =
            rows.select(
                col("origin.topic_id").as(Places.TOPIC_ID),
                col("origin.partition").as(Places.PARTITION),
                col("origin.offset").as(Places.OFFSET),
                struct(
                        col("mapping_sha256"),
                        col("contract_sha256"),
                        array_sort(map_entries(col("lookups"))).as("lookups"))
                    .as(name));
        specs = specs == null ? its : specs.union(its);
      }
    }
    return java.util.Objects.requireNonNull(specs).dropDuplicates(seq(EVENT));
  }

  private Dataset<Row> reasons(
      Parity.Compared table,
      Dataset<Row> raw,
      Dataset<Row> missing,
      Dataset<Row> servedSpecs,
      Dataset<Row> rebuiltSpecs,
      int rank) {
    Dataset<Row> served = keyed(table.servedSaid(), table.table(), "s");
    Dataset<Row> rebuilt = keyed(table.rebuiltSaid(), table.table(), "r");
    Column user = coalesce(col("s." + OriginColumns.KEY), col("r." + OriginColumns.KEY), lit(""));
    Column differentSpec =
        col("served_spec")
            .isNotNull()
            .and(col("rebuilt_spec").isNotNull())
            .and(not(col("served_spec").eqNullSafe(col("rebuilt_spec"))));
    return table
        .differing()
        .select("topic_id", "partition", "offset", "part", "times")
        .join(served.dropDuplicates(seq(Places.KEYS)), seq(Places.KEYS), "left")
        .join(rebuilt, seq(Places.KEYS), "left")
        .join(raw, seq(EVENT), "left")
        .join(servedSpecs, seq(EVENT), "left")
        .join(rebuiltSpecs, seq(EVENT), "left")
        .withColumn("user", user)
        .join(missing, seq(List.of("user", Places.PARTITION)), "left")
        .select(
            col(Places.TOPIC_ID),
            col(Places.PARTITION),
            col(Places.OFFSET),
            col("times"),
            col("s"),
            col("r"),
            coalesce(col("has_raw"), lit(false)).as("has_raw"),
            coalesce(col("encrypted"), lit(false)).as("encrypted"),
            differentSpec.as("different_spec"),
            coalesce(col("missing_since").lt(col(Places.OFFSET)), lit(false)).as("behind_missing"),
            lit(rank).as("rank"))
        .mapPartitions(
            new Reason(table.table().name(), replay.featureNames(table.table())),
            Encoders.row(Reason.COLUMNS));
  }

  private static Dataset<Row> keyed(Dataset<Row> said, LakeTable table, String name) {
    return said.select(
        col("origin.topic_id").as(Places.TOPIC_ID),
        col("origin.partition").as(Places.PARTITION),
        col("origin.offset").as(Places.OFFSET),
        Places.part(table).as(Places.PART),
        struct(col("*")).as(name));
  }

  private static List<Certificate.Found> collect(Dataset<Row> reasons) {
    List<Certificate.Found> found = new ArrayList<>();
    List<Row> rows =
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
            .collectAsList();
    for (Row row : rows) {
      found.add(
          new Certificate.Found(
              Difference.valueOf(row.getString(0)),
              row.getLong(1),
              Certificate.Example.of(row.getStruct(2))));
    }
    return found;
  }

  private static scala.collection.immutable.Seq<String> seq(List<String> names) {
    return JavaConverters.asScala(names).toSeq();
  }
}

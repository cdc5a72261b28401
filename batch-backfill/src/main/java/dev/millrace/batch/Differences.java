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
import static org.apache.spark.sql.functions.when;

import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

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

  /** In the order of the reasons. */
  List<Certificate.Found> classified(Steps steps) {
    Dataset<Row> own = own().persist(StorageLevel.DISK_ONLY());
    try {
      steps.run("reasons", own::count);
      List<Certificate.Found> found = new ArrayList<>();
      for (Row row :
          withConsequences(own)
              .groupBy("class")
              .agg(
                  count(lit(1)),
                  min(
                      struct(
                          col("age"),
                          col(Places.PARTITION),
                          col(Places.OFFSET),
                          col("rank"),
                          struct(
                                  col(Places.PARTITION),
                                  col(Places.OFFSET),
                                  col(Places.TOPIC_ID),
                                  col("table"),
                                  col("key"),
                                  col("event_id"),
                                  col("what"))
                              .as("first"))))
              .collectAsList()) {
        found.add(
            new Certificate.Found(
                Difference.valueOf(row.getString(0)),
                row.getLong(1),
                Certificate.Example.of(row.getStruct(2).getStruct(4))));
      }
      found.sort((a, b) -> a.difference().compareTo(b.difference()));
      return found;
    } finally {
      own.unpersist();
    }
  }

  /** Of every difference, the reason that it has by itself. */
  private Dataset<Row> own() {
    Dataset<Row> events = events();
    Dataset<Row> raw =
        replay
            .raw()
            .rows()
            .select(
                col(OriginColumns.TOPIC_ID).as(Places.TOPIC_ID),
                col(OriginColumns.PARTITION).as(Places.PARTITION),
                col(OriginColumns.OFFSET).as(Places.OFFSET),
                lit(true).as("has_raw"),
                col("payload_key_id").isNotNull().as("encrypted"))
            .join(events, seq(EVENT), "left_semi");
    Dataset<Row> servedSpecs = specs(true, events);
    Dataset<Row> rebuiltSpecs = specs(false, events);
    Dataset<Row> own = null;
    for (int rank = 0; rank < compared.size(); rank++) {
      if (compared.get(rank).found().different() > 0) {
        Dataset<Row> its = own(compared.get(rank), raw, servedSpecs, rebuiltSpecs, rank);
        own = own == null ? its : own.union(its);
      }
    }
    return Objects.requireNonNull(own, "something differs");
  }

  /** Raw events of which some outcome differs. */
  private Dataset<Row> events() {
    @Nullable Dataset<Row> events = null;
    for (Parity.Compared table : compared) {
      Dataset<Row> its = table.differing().select(Places.TOPIC_ID, Places.PARTITION, Places.OFFSET);
      events = events == null ? its : events.union(its);
    }
    return Objects.requireNonNull(events).distinct();
  }

  /**
   * What decided each event at cleansing, whatever the outcome; a fault of ours says nothing of
   * that.
   */
  private Dataset<Row> specs(boolean served, Dataset<Row> events) {
    @Nullable Dataset<Row> specs = null;
    for (Parity.Compared table : compared) {
      Dataset<Row> rows = served ? table.servedSaid() : table.rebuiltSaid();
      if (table.table().equals(LakeTable.QUARANTINED)) {
        rows =
            rows.filter(
                col("stage").equalTo(CleansingStage.NAME).and(col("contract_sha256").isNotNull()));
      } else if (!table.table().equals(LakeTable.CLEAN)
          && !table.table().equals(LakeTable.DUPLICATES)) {
        continue;
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
                  .as(served ? "served_spec" : "rebuilt_spec"));
      specs = specs == null ? its : specs.union(its);
    }
    return Objects.requireNonNull(specs)
        .join(events, seq(EVENT), "left_semi")
        .dropDuplicates(seq(EVENT));
  }

  private Dataset<Row> own(
      Parity.Compared table,
      Dataset<Row> raw,
      Dataset<Row> servedSpecs,
      Dataset<Row> rebuiltSpecs,
      int rank) {
    Dataset<Row> served = keyed(table.servedSaid(), table.table(), "s");
    Dataset<Row> rebuilt = keyed(table.rebuiltSaid(), table.table(), "r");
    Column differentSpec =
        col("served_spec")
            .isNotNull()
            .and(col("rebuilt_spec").isNotNull())
            .and(not(col("served_spec").eqNullSafe(col("rebuilt_spec"))));
    return table
        .differing()
        .select(Places.TOPIC_ID, Places.PARTITION, Places.OFFSET, Places.PART, "times")
        .join(served.dropDuplicates(seq(Places.KEYS)), seq(Places.KEYS), "left")
        .join(rebuilt, seq(Places.KEYS), "left")
        .join(raw, seq(EVENT), "left")
        .join(servedSpecs, seq(EVENT), "left")
        .join(rebuiltSpecs, seq(EVENT), "left")
        .select(
            col(Places.TOPIC_ID),
            col(Places.PARTITION),
            col(Places.OFFSET),
            col("times"),
            col("s"),
            col("r"),
            coalesce(col("has_raw"), lit(false)).as("has_raw"),
            coalesce(col("encrypted"), lit(false)).as("encrypted"),
            differentSpec.as("different_spec"))
        .mapPartitions(
            new Reason(table.table().name(), replay.featureNames(table.table())),
            Encoders.row(Reason.COLUMNS))
        .withColumn("age", replay.age(col(Places.TOPIC_ID)))
        .withColumn("rank", lit(rank));
  }

  /**
   * A clean event that is missing, erased or decided otherwise changes its user's state, and so
   * what becomes of later ones, which have no reason of their own.
   */
  private static Dataset<Row> withConsequences(Dataset<Row> own) {
    Column place = struct(col("age"), col(Places.OFFSET));
    Dataset<Row> roots =
        own.filter(
                col("table")
                    .equalTo(LakeTable.CLEAN.name())
                    .and(
                        col("class")
                            .isin(
                                Difference.MISSING_INPUT.name(),
                                Difference.ERASED.name(),
                                Difference.SPEC_VERSION.name())))
            .groupBy(coalesce(col("key"), lit("")).as("user"), col(Places.PARTITION))
            .agg(min(struct(col("age"), col(Places.OFFSET), col("class"))).as("root"));
    Column isConsequence =
        col("class")
            .equalTo(Difference.CODE.name())
            .and(col("root").isNotNull())
            .and(place.gt(struct(col("root.age"), col("root.offset"))));
    return own.withColumn("user", coalesce(col("key"), lit("")))
        .join(roots, seq(List.of("user", Places.PARTITION)), "left")
        .withColumn(
            "class",
            when(coalesce(isConsequence, lit(false)), col("root.class")).otherwise(col("class")));
  }

  private static Dataset<Row> keyed(Dataset<Row> said, LakeTable table, String name) {
    return said.select(
        col("origin.topic_id").as(Places.TOPIC_ID),
        col("origin.partition").as(Places.PARTITION),
        col("origin.offset").as(Places.OFFSET),
        Places.part(table).as(Places.PART),
        struct(col("*")).as(name));
  }

  private static scala.collection.immutable.Seq<String> seq(List<String> names) {
    return CollectionConverters.asScala(names).toSeq();
  }
}

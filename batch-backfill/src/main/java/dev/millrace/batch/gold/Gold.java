package dev.millrace.batch.gold;

import dev.millrace.batch.BatchException;
import dev.millrace.batch.Lake;
import dev.millrace.batch.Lineage;
import dev.millrace.batch.Steps;
import dev.millrace.schemas.table.LakeTable;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Brings every Gold table to what Silver has now, each in one commit of its own: whenever it is
 * killed, a table has the events of before or those of now, and the next run goes on from there.
 */
final class Gold {

  /**
   * A table that is up to date.
   *
   * @param taken events that were new to it
   * @param why it was made from all events; null if new ones were added, or there were none
   */
  record Updated(GoldTable table, long taken, @Nullable String why) {}

  private static final String METADATA = "spark.databricks.delta.commitInfo.userMetadata";
  private static final String WRITER = "spark.databricks.delta.write.txnAppId";
  private static final String WRITE = "spark.databricks.delta.write.txnVersion";

  private final Lake lake;
  private final SparkSession spark;
  private final Steps steps;
  private final List<GoldTable> tables;
  private final Lake.Pinned clean;
  private final Map<Positions, Positions.Reached> reached = new HashMap<>();

  /**
   * @throws BatchException if there is no Silver
   */
  Gold(Lake lake, List<GoldTable> tables, Steps steps) {
    this.lake = lake;
    this.tables = tables;
    this.steps = steps;
    this.clean = lake.pin(LakeTable.CLEAN.name());
    this.spark = clean.spark();
  }

  List<Updated> run() {
    List<Updated> updated = new ArrayList<>();
    for (GoldTable table : tables) {
      updated.add(steps.get(table.path(), () -> update(table)));
    }
    return updated;
  }

  private Updated update(GoldTable table) {
    boolean there = lake.has(table.path());
    Lineage.Last last = there ? Lineage.last(spark, lake, table.path()) : null;
    Standing standing = last == null ? null : Standing.read(last.said());
    String why = whyAnew(table, there, standing);
    Positions from = why != null || standing == null ? Positions.NONE : standing.positions();
    Dataset<Row> events = clean.rows().filter(from.behind());
    Positions.Reached to = reached.computeIfAbsent(from, positions -> positions.with(events));
    if (why != null || to.rows() > 0) {
      Dataset<Row> rows = table.rows(events);
      commit(
          table,
          Standing.of(table, clean, to.positions()),
          last == null ? 0 : last.version() + 1,
          why == null ? () -> merge(table, rows) : () -> replace(table, rows));
    }
    return new Updated(table, to.rows(), why);
  }

  private static @Nullable String whyAnew(
      GoldTable table, boolean there, @Nullable Standing standing) {
    if (!there) {
      return "it is new";
    }
    if (standing == null) {
      return "somebody else has changed it";
    }
    return standing.isOf(table) ? null : "it is declared otherwise now";
  }

  void merge(GoldTable table, Dataset<Row> rows) {
    var merge =
        DeltaTable.forPath(spark, lake.path(table.path()))
            .as(Measure.BEFORE)
            .merge(rows.as(Measure.NEW), table.matched());
    Map<String, String> together = table.together();
    if (!together.isEmpty()) {
      merge = merge.whenMatched().updateExpr(together);
    }
    merge.whenNotMatched().insertAll().execute();
  }

  void replace(GoldTable table, Dataset<Row> rows) {
    rows.writeTo("delta.`" + lake.path(table.path()) + "`")
        .using("delta")
        .tableProperty("comment", table.description())
        .createOrReplace();
  }

  /**
   * One commit, which Delta leaves out if there is one of this number already: two runs that have
   * read the same state can't both add to it.
   *
   * @param number greater than that of any commit that was there when the state was read
   * @throws BatchException if somebody else came first
   */
  void commit(GoldTable table, Standing standing, long number, Runnable write) {
    Map<String, String> said =
        Map.of(METADATA, standing.json(), WRITER, "millrace-gold", WRITE, Long.toString(number));
    said.forEach(spark.conf()::set);
    try {
      write.run();
    } finally {
      said.keySet().forEach(spark.conf()::unset);
    }
    Lineage.Last last = Lineage.last(spark, lake, table.path());
    if (last == null || !standing.json().equals(last.said())) {
      throw new BatchException(
          "Table %s was changed by somebody else at the same time, and is as they left it. Run the command again when they are done."
              .formatted(table.path()));
    }
  }
}

package dev.millrace.batch;

import dev.millrace.schemas.table.LakeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** Keeps what a replay makes in tables beside those that were served. */
final class Backfill {

  /**
   * A table that was rebuilt.
   *
   * @param anew now, and not by an earlier run
   */
  record Rebuilt(LakeTable table, Lake.Pinned at, boolean anew) {}

  private final Lake lake;
  private final Replay replay;
  private final Steps steps;

  Backfill(Lake lake, Replay replay, Steps steps) {
    this.lake = lake;
    this.replay = replay;
    this.steps = steps;
  }

  /** Rebuilds what is not there yet: a table that was made of the same is left as it is. */
  List<Rebuilt> run() {
    Lineage lineage =
        Lineage.of(
            "backfill " + replay.choice().told(),
            Map.of(
                replay.raw().name(), replay.raw().version(),
                replay.activations().name(), replay.activations().version()),
            replay.deciding());
    List<LakeTable> missing =
        replay.tables().stream()
            .filter(table -> !lineage.isIn(replay.raw().spark(), lake, name(table)))
            .toList();
    if (!missing.isEmpty()) {
      write(missing, lineage);
    }
    List<Rebuilt> rebuilt = new ArrayList<>();
    for (LakeTable table : replay.tables()) {
      rebuilt.add(new Rebuilt(table, lake.pin(name(table)), missing.contains(table)));
    }
    return rebuilt;
  }

  private String name(LakeTable table) {
    return "backfill/" + replay.choice().folder() + "/" + table.name();
  }

  private void write(List<LakeTable> tables, Lineage lineage) {
    Dataset<Row> folded = replay.fold().persist(StorageLevel.DISK_ONLY());
    try {
      for (LakeTable table : tables) {
        steps.run(
            table.name(),
            () ->
                lineage.write(
                    replay.rows(folded, table).write().partitionBy(table.dateColumn()),
                    lake.path(name(table))));
      }
    } finally {
      folded.unpersist();
    }
  }
}

package dev.millrace.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was done to keep the lake in order. */
record MaintainReport(List<Table> tables) {

  /**
   * One table.
   *
   * @param daysDropped days whose rows are no longer kept
   * @param daysCompacted days whose files were made fewer
   * @param filesBefore that its rows were in
   * @param filesAfter that they are in now
   * @param bytes of those
   * @param filesDeleted which no version of late has: they were replaced, or never committed
   */
  record Table(
      String name,
      @JsonProperty("days_dropped") int daysDropped,
      @JsonProperty("days_compacted") int daysCompacted,
      @JsonProperty("files_before") long filesBefore,
      @JsonProperty("files_after") long filesAfter,
      long bytes,
      @JsonProperty("files_deleted") long filesDeleted) {}

  MaintainReport {
    tables = List.copyOf(tables);
  }

  /** For people. */
  List<String> told() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%-44s %12s %10s %12s %14s %10s %10s",
            "table",
            "files before",
            "now",
            "MB",
            "days compacted",
            "dropped",
            "deleted"));
    for (Table table : tables) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-44s %,12d %,10d %,12.1f %,14d %,10d %,10d",
              table.name(),
              table.filesBefore(),
              table.filesAfter(),
              table.bytes() / 1e6,
              table.daysCompacted(),
              table.daysDropped(),
              table.filesDeleted()));
    }
    return lines;
  }
}

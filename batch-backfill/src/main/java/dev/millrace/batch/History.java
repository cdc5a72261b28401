package dev.millrace.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.tables.DeltaTable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * What became of a table, version by version.
 *
 * @param table its name
 * @param commits the newest first
 * @param contents of the newest; null if nobody asked
 */
record History(String table, List<Commit> commits, @Nullable Contents contents) {

  /**
   * One version.
   *
   * @param rows that it wrote; null if it does not tell
   * @param by the program, and what it was told to do if it says so
   */
  record Commit(long version, Instant at, String operation, @Nullable Long rows, String by) {}

  /**
   * What a table says.
   *
   * @param sha256 of all values of all rows: the same if and only if the rows are, in whatever
   *     order and files
   */
  record Contents(long version, long rows, String sha256) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  History {
    commits = List.copyOf(commits);
  }

  /**
   * @param limit how many versions at the most
   * @param digest whether the rows of the newest are read, counted and hashed
   * @throws BatchException if there is no such table
   */
  static History of(Lake lake, String table, int limit, boolean digest) {
    Lake.Pinned pinned = lake.pin(table);
    List<Commit> commits =
        DeltaTable.forPath(lake.spark(), lake.path(table))
            .history(limit)
            .select(
                "version",
                "timestamp",
                "operation",
                "operationMetrics",
                "userMetadata",
                "engineInfo")
            .collectAsList()
            .stream()
            .map(History::commit)
            .toList();
    Contents contents =
        digest
            ? new Contents(
                pinned.version(), pinned.rows().count(), TableDigest.ofRows(pinned.rows()))
            : null;
    return new History(table, commits, contents);
  }

  private static Commit commit(Row row) {
    Map<String, String> metrics = row.isNullAt(3) ? Map.of() : row.getJavaMap(3);
    return new Commit(
        row.getLong(0),
        row.<Instant>getAs(1).truncatedTo(ChronoUnit.SECONDS),
        row.getString(2),
        rows(metrics),
        by(row.getString(4), row.getString(5)));
  }

  private static @Nullable Long rows(Map<String, String> metrics) {
    for (String metric : List.of("numOutputRows", "numDeletedRows")) {
      String value = metrics.get(metric);
      if (value != null) {
        return Long.valueOf(value);
      }
    }
    return null;
  }

  /** As {@link Lineage} wrote it; else the library that committed. */
  private static String by(@Nullable String metadata, @Nullable String engine) {
    if (metadata != null) {
      try {
        JsonNode lineage = JSON.readTree(metadata);
        if (lineage.hasNonNull("application")) {
          return lineage.get("application").asText() + ": " + lineage.path("command").asText();
        }
      } catch (JsonProcessingException e) {
        // Somebody else's words.
        return metadata;
      }
    }
    return engine == null ? "unknown" : engine;
  }

  /** For people. */
  List<String> told() {
    List<String> lines = new ArrayList<>();
    lines.add(
        contents == null
            ? table
            : String.format(
                Locale.ROOT, "%s: %,d rows, sha256 %s", table, contents.rows(), contents.sha256()));
    for (Commit commit : commits) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%9d  %s  %-22s %12s  %s",
              commit.version(),
              commit.at(),
              commit.operation(),
              commit.rows() == null ? "" : String.format(Locale.ROOT, "%,d", commit.rows()),
              commit.by()));
    }
    return lines;
  }
}

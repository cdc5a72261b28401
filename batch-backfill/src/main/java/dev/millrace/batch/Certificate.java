package dev.millrace.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * What parity has found.
 *
 * @param raw the table that was folded again
 * @param codeSha256 of the classes that decided
 * @param compared outcomes, in all tables
 * @param digest of all that was rebuilt
 */
record Certificate(
    String raw,
    @JsonProperty("raw_version") long rawVersion,
    @JsonProperty("code_sha256") String codeSha256,
    List<Table> tables,
    long compared,
    long different,
    String digest,
    List<Found> differences) {

  /**
   * One table.
   *
   * @param servedVersion -1 if there is none
   * @param pending rebuilt, and still to be served: behind all that is served of its partition
   * @param newer rows of raw events behind those that were folded; not compared
   * @param unfit messages that no table holds: dead letters of the sink
   * @param digest of what was rebuilt
   */
  record Table(
      String name,
      @JsonProperty("served_version") long servedVersion,
      long compared,
      long different,
      long pending,
      long newer,
      long unfit,
      String digest) {}

  /**
   * Differences of one class.
   *
   * @param first the first of them in the log
   */
  record Found(@JsonProperty("class") Difference difference, long count, Example first) {}

  /**
   * One difference.
   *
   * @param key of the raw record
   * @param origin where the raw event is
   * @param what the columns that differ; features with what was served and what was rebuilt
   */
  record Example(
      String table,
      @Nullable String key,
      @JsonProperty("event_id") @Nullable String eventId,
      Map<String, Object> origin,
      String what) {

    /**
     * Of partition, offset, topic id, table, key, event id and what differs: the least is first.
     */
    static Example of(Row first) {
      return new Example(
          first.getString(3),
          first.getString(4),
          first.getString(5),
          new TreeMap<>(
              Map.of(
                  Places.TOPIC_ID, first.getString(2),
                  Places.PARTITION, first.getInt(0),
                  Places.OFFSET, first.getLong(1))),
          first.getString(6));
    }
  }

  /** For people. */
  List<String> told() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT, "%-32s %12s %12s  %s", "table", "compared", "different", "sha256"));
    for (Table table : tables) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-32s %,12d %,12d  %s",
              table.name(),
              table.compared(),
              table.different(),
              table.digest()));
    }
    for (Found found : differences) {
      Example first = found.first();
      lines.add(
          String.format(
              Locale.ROOT,
              "%s: %,d; the first is event %s of user %s in %s, raw record %s: %s",
              found.difference(),
              found.count(),
              first.eventId(),
              first.key(),
              first.table(),
              first.origin(),
              first.what()));
    }
    long pending = tables.stream().mapToLong(Table::pending).sum();
    if (pending > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%,d outcomes are rebuilt and not served yet: behind all that their tables have of their partitions. Compare again when all is landed.",
              pending));
    }
    long unfit = tables.stream().mapToLong(Table::unfit).sum();
    if (unfit > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%,d outcomes are messages that no table holds; the sink has dead letters for them.",
              unfit));
    }
    long newer = tables.stream().mapToLong(Table::newer).sum();
    if (newer > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%,d rows are of raw events behind what was folded of %s, and were not compared.",
              newer,
              raw));
    }
    lines.add(
        String.format(
            Locale.ROOT, "parity: %,d different of %,d, sha256 %s", different, compared, digest));
    return lines;
  }
}

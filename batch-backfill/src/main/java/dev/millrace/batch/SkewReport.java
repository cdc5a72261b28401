package dev.millrace.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/**
 * What order has changed.
 *
 * @param raw the table that was folded in both orders
 */
record SkewReport(String raw, @JsonProperty("raw_version") long rawVersion, List<Table> tables) {

  /**
   * One feature set.
   *
   * @param vectors in either order
   * @param features how many vectors differ in each, by reason; those that never do are left out
   */
  record Table(
      String name,
      long vectors,
      List<Found> found,
      SortedMap<String, SortedMap<Skewed, Long>> features) {}

  /** Vectors that differ for one reason, and the first of them in the log. */
  record Found(@JsonProperty("class") Skewed skewed, long count, Certificate.Example first) {}

  /** For people. */
  List<String> told() {
    List<String> lines = new ArrayList<>();
    for (Table table : tables) {
      long different = table.found().stream().mapToLong(Found::count).sum();
      lines.add(
          String.format(
              Locale.ROOT,
              "%-32s %,12d vectors, %,d differ",
              table.name(),
              table.vectors(),
              different));
      for (Found found : table.found()) {
        Certificate.Example first = found.first();
        lines.add(
            String.format(
                Locale.ROOT,
                "  %-30s %,12d; the first is event %s of user %s: %s",
                found.skewed(),
                found.count(),
                first.eventId(),
                first.key(),
                first.what()));
      }
      if (!table.features().isEmpty()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %-30s %12s %12s %12s",
                "feature",
                "LATE",
                "OUT_OF_ORDER",
                "HORIZON"));
      }
      table
          .features()
          .forEach(
              (feature, counts) ->
                  lines.add(
                      String.format(
                          Locale.ROOT,
                          "  %-30s %,12d %,12d %,12d",
                          feature,
                          counts.getOrDefault(Skewed.LATE, 0L),
                          counts.getOrDefault(Skewed.OUT_OF_ORDER, 0L),
                          counts.getOrDefault(Skewed.HORIZON, 0L))));
    }
    return lines;
  }
}

package dev.millrace.local;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a demo did, for people who see Millrace for the first time. */
final class Report {

  private Report() {}

  static String of(Summary summary, Counts counts, Publisher.Published published) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(text("%,d events went in, and every one is accounted for:", summary.published()));
    lines.add("");
    lines.add(
        text("  %,10d were good: each became features of its user and a score", counts.clean()));
    lines.add(
        text(
            "  %,10d were copies of events that had come before, and were dropped",
            counts.duplicates()));
    lines.add(
        text(
            "  %,10d were set aside in events.quarantined, with the reason",
            summary.quarantined()));
    addReasons(counts, lines);
    addLaterQuarantines(counts, lines);
    if (published.blank() > 0) {
      lines.add(text("  (%,d blank lines of the input were skipped)", published.blank()));
    }
    lines.add("");
    lines.add(scores(summary));
    return String.join("\n", lines);
  }

  private static String scores(Summary summary) {
    @Nullable Long msToFirstScore = summary.msToFirstScore();
    return msToFirstScore == null
        ? "No event led to a score."
        : text(
            "%,d users have a score now. The first was there %.1f s after the start, all of them after %.1f s.",
            summary.usersScored(), msToFirstScore / 1e3, summary.elapsedMs() / 1e3);
  }

  private static void addReasons(Counts counts, List<String> lines) {
    counts.quarantinedByRule().entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(rule -> lines.add(text("  %,15d  %s", rule.getValue(), rule.getKey())));
  }

  private static void addLaterQuarantines(Counts counts, List<String> lines) {
    for (String stage : List.of(Counts.FEATURES, Counts.SCORING)) {
      if (counts.quarantinedBy(stage) > 0) {
        lines.add(
            text(
                "  %,10d of the good ones were set aside by %s",
                counts.quarantinedBy(stage), stage));
      }
    }
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

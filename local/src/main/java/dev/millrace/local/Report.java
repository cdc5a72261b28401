package dev.millrace.local;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a demo did, for people who see Millrace for the first time. */
final class Report {

  private Report() {}

  static String of(Summary summary, Counts counts, Publisher.Published published, Landed landed) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        Plural.of(
            summary.published(),
            "event went in, and it is accounted for:",
            "events went in, and every one is accounted for:"));
    lines.add("");
    lines.add(
        line(
            counts.clean(),
            "was good: it became features of its user and a score",
            "were good: each became features of its user and a score"));
    lines.add(
        line(
            counts.duplicates(),
            "was a copy of an event that had come before, and was dropped",
            "were copies of events that had come before, and were dropped"));
    lines.add(
        line(
            summary.quarantined(),
            "was set aside in events.quarantined, with the reason",
            "were set aside in events.quarantined, with the reason"));
    addReasons(counts, lines);
    addLaterQuarantines(counts, lines);
    if (published.blank() > 0) {
      lines.add(
          "  (%s skipped)"
              .formatted(
                  Plural.of(
                      published.blank(),
                      "blank line of the input was",
                      "blank lines of the input were")));
    }
    lines.add("");
    lines.add(scores(summary));
    lines.add(lake(landed));
    return String.join("\n", lines);
  }

  /** How generated events fared; its last line is for scripts too. */
  static String of(Truth.Verdict truth) {
    List<String> lines = new ArrayList<>();
    if (truth.isAsExpected()) {
      lines.add(
          "What must become of each was known, with all reasons, and was compared one by one; %s among them."
              .formatted(Plural.of(truth.kinds(), "kind of defect", "kinds of defect")));
    } else {
      lines.add("What became of some events is not what had to:");
      truth.differences().forEach(difference -> lines.add("  " + difference));
      long more = truth.expected() - truth.asExpected() - truth.differences().size();
      if (more > 0) {
        lines.add("  and %s".formatted(Plural.of(more, "more", "more")));
      }
    }
    lines.add(
        "truth: %d of %d outcomes as expected".formatted(truth.asExpected(), truth.expected()));
    return String.join("\n", lines);
  }

  private static String lake(Landed landed) {
    if (!landed.isWhole()) {
      return "The lake does not hold what came out. Rows by table: %s; records of its topic: %s."
          .formatted(new TreeMap<>(landed.rows()), new TreeMap<>(landed.records()));
    }
    long rows = landed.rows().values().stream().mapToLong(Long::longValue).sum();
    return text(
        "The lake has a row for each record of %s, %,d in all.",
        Plural.of(landed.rows().size(), "topic"), rows);
  }

  private static String scores(Summary summary) {
    @Nullable Long msToFirstScore = summary.msToFirstScore();
    return msToFirstScore == null
        ? "No event led to a score."
        : text(
            "%s a score now. The first was there %.1f s after the start, all of them after %.1f s.",
            Plural.of(summary.usersScored(), "user has", "users have"),
            msToFirstScore / 1e3,
            summary.elapsedMs() / 1e3);
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
            line(
                counts.quarantinedBy(stage),
                "of the good ones was set aside by " + stage,
                "of the good ones were set aside by " + stage));
      }
    }
  }

  private static String line(long number, String one, String many) {
    return text("  %,10d %s", number, Plural.word(number, one, many));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

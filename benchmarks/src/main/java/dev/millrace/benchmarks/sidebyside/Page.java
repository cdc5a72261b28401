package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The page of results: what people wrote stays, what lies between two marks is measured. */
final class Page {

  static final String BEGIN = "<!-- measured: written by benchmarks/run -->";
  static final String END = "<!-- /measured -->";

  private Page() {}

  /** Replaces what is measured; a page that is not there yet has nothing else. */
  static void write(Path file, Report report, String plot) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      String page = Files.exists(file) ? Files.readString(file) : BEGIN + "\n" + END + "\n";
      Files.writeString(file, filled(page, measured(report, plot)));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  static String filled(String page, String measured) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(
          "The page has no place for what is measured; put the lines %s and %s into it"
              .formatted(BEGIN, END));
    }
    return page.substring(0, begin + BEGIN.length()) + "\n\n" + measured + page.substring(end);
  }

  static String measured(Report report, String plot) {
    List<String> lines = new ArrayList<>();
    lines.add("![CPU per event, and the cost of users, windows and features](%s)".formatted(plot));
    lines.add("");
    lines.add("| | goal | measured | from – to | reached |");
    lines.add("|---|---|---|---|---|");
    for (Measurement measurement : Measurement.values()) {
      Report.Entry entry = report.measurements().get(measurement.argument());
      if (entry != null) {
        entry.measured().goals().forEach(goal -> lines.add(line(goal)));
      }
    }
    lines.add("");
    for (Measurement measurement : Measurement.values()) {
      Report.Entry entry = report.measurements().get(measurement.argument());
      if (entry != null) {
        lines.addAll(section(measurement, entry));
      }
    }
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static List<String> section(Measurement measurement, Report.Entry entry) {
    List<String> lines = new ArrayList<>();
    lines.add("## " + measurement.title());
    lines.add("");
    lines.addAll(entry.measured().conditions());
    lines.add("");
    lines.add("| | median | from – to | unit |");
    lines.add("|---|---|---|---|");
    for (Row row : entry.measured().rows()) {
      lines.add(
          "| %s | %s | %s | %s |"
              .formatted(
                  row.label(),
                  Numbers.text(row.spread().median()),
                  range(row.spread()),
                  row.unit()));
    }
    lines.add("");
    lines.add(
        "`%s` on %s at commit %s; %s."
            .formatted(entry.command(), entry.at(), entry.commit(), entry.machine().text()));
    lines.add("");
    return lines;
  }

  private static String line(Goal goal) {
    return "| %s | %s %s %s | %s | %s | %s |"
        .formatted(
            goal.label(),
            goal.atLeast() ? "≥" : "≤",
            Numbers.text(goal.bound()),
            goal.unit(),
            Numbers.text(goal.spread().median()),
            range(goal.spread()),
            goal.reached() ? "yes" : "**no**");
  }

  private static String range(Spread spread) {
    return spread.samples().size() == 1
        ? "once"
        : Numbers.text(spread.min()) + " – " + Numbers.text(spread.max());
  }
}

package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A drawing of what was measured, in SVG: a bar to each median, and a line from the smallest to the
 * greatest. Bars of one measurement share a scale.
 */
final class Plot {

  private static final int WIDTH = 820;
  private static final int BARS_AT = 330;
  private static final int LONGEST_BAR = 360;
  private static final int LINE = 22;

  private final StringBuilder svg = new StringBuilder();
  private int y = 8;

  private Plot() {}

  static void write(Path file, Report report) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, of(report));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  static String of(Report report) {
    Plot plot = new Plot();
    for (Measurement measurement : Measurement.values()) {
      Report.Entry entry = report.measurements().get(measurement.argument());
      if (entry != null) {
        plot.group(measurement.title(), entry.measured().rows());
      }
    }
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="13">
    <rect width="100%%" height="100%%" fill="#ffffff"/>
    %s</svg>
    """
        .formatted(WIDTH, plot.y + 8, plot.svg);
  }

  private void group(String title, List<Row> rows) {
    List<String> units = new ArrayList<>();
    for (Row row : rows) {
      if (row.plotted() && !units.contains(row.unit())) {
        units.add(row.unit());
      }
    }
    for (String unit : units) {
      List<Row> bars =
          rows.stream().filter(row -> row.plotted() && row.unit().equals(unit)).toList();
      double greatest = bars.stream().mapToDouble(row -> row.spread().max()).max().orElse(1);
      y += LINE;
      text(8, "font-weight=\"bold\"", title + ", " + unit);
      bars.forEach(row -> bar(row, LONGEST_BAR / greatest));
      y += LINE / 2;
    }
  }

  private void bar(Row row, double scale) {
    y += LINE;
    text(20, "", row.label());
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"#4c78a8\"/>",
        BARS_AT, y - 12, row.spread().median() * scale);
    add(
        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#222222\" stroke-width=\"2\"/>",
        BARS_AT + row.spread().min() * scale, y - 5, BARS_AT + row.spread().max() * scale, y - 5);
    text((int) (BARS_AT + row.spread().max() * scale) + 8, "", Numbers.text(row.spread().median()));
  }

  private void text(int x, String style, String text) {
    add("<text x=\"%d\" y=\"%d\" fill=\"#222222\" %s>%s</text>", x, y, style, escaped(text));
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

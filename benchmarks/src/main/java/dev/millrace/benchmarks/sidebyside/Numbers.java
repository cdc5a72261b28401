package dev.millrace.benchmarks.sidebyside;

import java.util.Locale;

/** Numbers for people: three digits that count. */
final class Numbers {

  private Numbers() {}

  static String text(double number) {
    double size = Math.abs(number);
    if (size >= 1_000) {
      return String.format(Locale.ROOT, "%,.0f", number);
    }
    return String.format(
        Locale.ROOT,
        size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f",
        number);
  }
}

package dev.millrace.benchmarks.sidebyside;

/**
 * A line of a table.
 *
 * @param label what was measured
 * @param unit of the numbers
 * @param plotted whether it is a bar in the plot
 */
record Row(String label, String unit, Spread spread, boolean plotted) {

  static Row of(String label, String unit, Spread spread) {
    return new Row(label, unit, spread, false);
  }

  Row withBar() {
    return new Row(label, unit, spread, true);
  }
}

package dev.millrace.benchmarks.sidebyside;

/**
 * A number to reach.
 *
 * @param atLeast whether more is better
 */
record Goal(String label, String unit, Spread spread, boolean atLeast, double bound) {

  static Goal atLeast(double bound, String label, String unit, Spread spread) {
    return new Goal(label, unit, spread, true, bound);
  }

  static Goal atMost(double bound, String label, String unit, Spread spread) {
    return new Goal(label, unit, spread, false, bound);
  }

  boolean reached() {
    return atLeast ? spread.median() >= bound : spread.median() <= bound;
  }
}

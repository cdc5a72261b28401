package dev.millrace.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * A row whose score is known from the day the model was written.
 *
 * @param columns in the order of {@link ModelCard#inputColumns()}; NaN is a missing value
 * @param probability rounded half-even to 9 decimals
 */
public record GoldenVector(List<Double> columns, double probability) {

  private static final int DECIMALS = 9;

  /** Half a unit of the ninth decimal, and what the runtime's last bits may add to it. */
  private static final double TOLERANCE = 0.5e-9 + 1e-12;

  public GoldenVector {
    columns = List.copyOf(columns);
    if (columns.stream().anyMatch(value -> value.isInfinite())) {
      throw new IllegalArgumentException(
          "A golden vector holds an infinite value, which JSON cannot say; leave the vector out");
    }
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "A golden vector expects the probability %s; it lies in [0, 1]".formatted(probability));
    }
  }

  double[] row() {
    return columns.stream().mapToDouble(Double::doubleValue).toArray();
  }

  boolean agreesWith(double actual) {
    return Math.abs(actual - probability) <= TOLERANCE;
  }

  static BigDecimal rounded(double probability) {
    return new BigDecimal(probability).setScale(DECIMALS, RoundingMode.HALF_EVEN);
  }
}

package dev.millrace.core;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A model's answer in its published form.
 *
 * @param score probability, 9 decimals
 * @param decision the score reached the threshold
 */
public record Score(double score, boolean decision) {

  private static final int DECIMALS = 9;

  /**
   * Decides by the rounded probability: the runtime's last bits differ between batch sizes, the
   * ninth decimal does not.
   *
   * @param probability in [0, 1]
   * @param threshold in (0, 1)
   * @throws IllegalArgumentException for a probability outside [0, 1] or no number
   */
  public static Score of(double probability, double threshold) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("A probability lies in [0, 1]");
    }
    double score = round(probability);
    return new Score(score, score >= threshold);
  }

  /**
   * Half to even at the ninth decimal; of the exact binary value.
   *
   * @throws IllegalArgumentException unless finite
   */
  public static double round(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("Only finite numbers can be rounded");
    }
    // + 0.0 so that a tiny negative number becomes 0.0 and not -0.0
    return new BigDecimal(value).setScale(DECIMALS, RoundingMode.HALF_EVEN).doubleValue() + 0.0;
  }
}

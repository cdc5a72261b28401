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
  private static final double UNITS = 1e9;

  /** 2^43; beyond it products are too coarse for the quick way. */
  private static final double QUICK = 0x1p43;

  private static final double MIDDLE = 0x1p-9;

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
    // + 0.0 so that a tiny negative number becomes 0.0 and not -0.0
    return decimal(value).doubleValue() + 0.0;
  }

  /**
   * The same as a decimal.
   *
   * @throws IllegalArgumentException unless finite
   */
  static BigDecimal decimal(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("Only finite numbers can be rounded");
    }
    double units = value * UNITS;
    double below = Math.floor(units);
    double fraction = units - below;
    // The product is off by less than 2^-10 then, so away from the middle it tells the side.
    return Math.abs(units) < QUICK && Math.abs(fraction - 0.5) > MIDDLE
        ? BigDecimal.valueOf((long) below + (fraction > 0.5 ? 1 : 0), DECIMALS)
        : new BigDecimal(value).setScale(DECIMALS, RoundingMode.HALF_EVEN);
  }
}

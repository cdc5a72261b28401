package dev.millrace.core;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a model's answer is made of, in its published form: 9 decimals.
 *
 * @param margin the value before it became a probability; null if the model does not tell
 * @param contributions what each column added to the margin, and the rest as {@link #INTERCEPT};
 *     empty if the model does not tell
 */
public record ScoreExplanation(@Nullable Double margin, SortedMap<String, Double> contributions) {

  /** No column is named like this. */
  public static final String INTERCEPT = "(intercept)";

  public ScoreExplanation {
    contributions = Collections.unmodifiableSortedMap(new TreeMap<>(contributions));
  }

  /**
   * Rounds what the model said. What the columns leave of the margin is the intercept, so that as
   * published they add up.
   *
   * @param contributions in the order of the columns; empty if there are none
   * @throws IllegalArgumentException for a number that is not finite
   */
  public static ScoreExplanation of(
      @Nullable Double margin, List<String> columns, double[] contributions) {
    if (margin == null) {
      return new ScoreExplanation(null, new TreeMap<>());
    }
    BigDecimal rounded = Score.decimal(margin);
    return new ScoreExplanation(
        rounded.doubleValue() + 0.0, shares(rounded, columns, contributions));
  }

  private static SortedMap<String, Double> shares(
      BigDecimal margin, List<String> columns, double[] contributions) {
    SortedMap<String, Double> shares = new TreeMap<>();
    if (contributions.length == 0) {
      return shares;
    }
    BigDecimal intercept = margin;
    for (int i = 0; i < contributions.length; i++) {
      BigDecimal share = Score.decimal(contributions[i]);
      intercept = intercept.subtract(share);
      shares.put(columns.get(i), share.doubleValue() + 0.0);
    }
    shares.put(INTERCEPT, intercept.doubleValue());
    return shares;
  }
}

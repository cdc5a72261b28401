package dev.millrace.core.cleansing;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * When a number is odd; an odd number is flagged and stays.
 *
 * @param usual what the contract calls usual; null = not declared
 * @param zScore standard deviations from the user's own mean, &gt; 0; null = not declared
 * @param fence multiples of the interquartile range beyond the user's own quartiles, Tukey's fence,
 *     &gt; 0; null = not declared
 * @param after how many values of the user must be known before they judge another, &gt;= 2
 */
public record Outlier(
    @Nullable Range usual, @Nullable BigDecimal zScore, @Nullable BigDecimal fence, int after) {

  public Outlier {
    boolean positive =
        (zScore == null || zScore.signum() > 0) && (fence == null || fence.signum() > 0);
    if (!positive || after < 2) {
      throw new IllegalArgumentException("zScore and fence must be > 0, after >= 2");
    }
  }

  /** Whether the user's own values must be remembered. */
  public boolean learns() {
    return zScore != null || fence != null;
  }

  void judge(String field, long value, RunningStats known, Findings findings) {
    if (usual != null && !usual.contains(value)) {
      findings.flag(Flag.OUTLIER_BOUNDS, field);
    }
    if (known.count() < after) {
      return;
    }
    if (zScore != null && known.isBeyondDeviations(value, zScore)) {
      findings.flag(Flag.OUTLIER_Z_SCORE, field);
    }
    if (fence != null && known.isBeyondFence(value, fence)) {
      findings.flag(Flag.OUTLIER_IQR, field);
    }
  }
}

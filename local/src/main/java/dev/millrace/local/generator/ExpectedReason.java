package dev.millrace.local.generator;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One violation that must be reported.
 *
 * @param reason the name of a {@code Reason}
 * @param field null if it is the payload as a whole
 */
public record ExpectedReason(String reason, @Nullable String field)
    implements Comparable<ExpectedReason> {

  private static final Comparator<ExpectedReason> ORDER =
      Comparator.comparing(ExpectedReason::reason)
          .thenComparing(
              ExpectedReason::field, Comparator.nullsFirst(Comparator.<String>naturalOrder()));

  @Override
  public int compareTo(ExpectedReason other) {
    return ORDER.compare(this, other);
  }
}

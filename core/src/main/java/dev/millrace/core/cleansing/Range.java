package dev.millrace.core.cleansing;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Bounds, both inclusive.
 *
 * @param min null = none; otherwise a BigDecimal for numbers, an Instant for times
 * @param max the same
 */
public record Range(@Nullable Comparable<?> min, @Nullable Comparable<?> max) {

  public Range {
    requireBound(min);
    requireBound(max);
    if (min != null && max != null && compare(min, max) > 0) {
      throw new IllegalArgumentException("min must not be greater than max");
    }
  }

  /** Whether a Long, Double or Instant lies within; NaN lies nowhere. */
  public boolean contains(Object value) {
    if (value instanceof Double real && !Double.isFinite(real)) {
      return false;
    }
    Comparable<?> exact =
        value instanceof Instant time
            ? time
            : value instanceof Double real
                ? new BigDecimal(real)
                : BigDecimal.valueOf((Long) value);
    return (min == null || compare(min, exact) <= 0) && (max == null || compare(exact, max) <= 0);
  }

  /** For people, such as {@code from 0 to 100}. */
  String inWords() {
    if (min == null) {
      return max == null ? "any" : "at most " + text(max);
    }
    return max == null ? "at least " + text(min) : "from " + text(min) + " to " + text(max);
  }

  private static String text(Comparable<?> bound) {
    return bound instanceof BigDecimal number ? number.toPlainString() : bound.toString();
  }

  private static int compare(Comparable<?> one, Comparable<?> other) {
    return one instanceof Instant time
        ? time.compareTo((Instant) other)
        : ((BigDecimal) one).compareTo((BigDecimal) other);
  }

  private static void requireBound(@Nullable Comparable<?> bound) {
    if (bound != null && !(bound instanceof BigDecimal) && !(bound instanceof Instant)) {
      throw new IllegalArgumentException("A bound is a number or a time");
    }
  }
}

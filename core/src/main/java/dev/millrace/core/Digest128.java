package dev.millrace.core;

import java.util.Comparator;

/**
 * The first 128 bits of a SHA-256: enough that two different things never meet in one user's
 * ledger.
 *
 * @param high bits 0 to 63
 * @param low bits 64 to 127
 */
public record Digest128(long high, long low) implements Comparable<Digest128> {

  private static final Comparator<Digest128> ORDER =
      Comparator.comparingLong(Digest128::high).thenComparingLong(Digest128::low);

  @Override
  public int compareTo(Digest128 other) {
    return ORDER.compare(this, other);
  }

  /** 32 lower-case hexadecimal digits. */
  public String hex() {
    return "%016x%016x".formatted(high, low);
  }
}

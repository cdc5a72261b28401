package dev.millrace.core;

import java.util.HexFormat;

/**
 * The first 128 bits of a SHA-256: enough that two different things never meet in one user's
 * ledger.
 *
 * @param high bits 0 to 63
 * @param low bits 64 to 127
 */
public record Digest128(long high, long low) implements Comparable<Digest128> {

  @Override
  public int compareTo(Digest128 other) {
    int order = Long.compare(high, other.high);
    return order != 0 ? order : Long.compare(low, other.low);
  }

  /** 32 lower-case hexadecimal digits. */
  public String hex() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}

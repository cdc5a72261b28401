package dev.millrace.local.generator;

import java.util.HexFormat;

/** Ids that look random and never repeat. */
final class Ids {

  private static final HexFormat HEX = HexFormat.of();

  private final long seed;
  private long given;

  Ids(long seed) {
    this.seed = seed;
  }

  String next(String prefix) {
    return prefix + HEX.toHexDigits(Hash.of(seed + given++));
  }

  /** One that a producer sends as a JSON number; never one of the others. */
  long nextNumber() {
    return 1_000_000_000_000L + given++;
  }
}

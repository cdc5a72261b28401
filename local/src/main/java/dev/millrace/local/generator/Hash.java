package dev.millrace.local.generator;

/**
 * Scatters numbers over 64 bits, the same on every machine. What can be derived from a user's
 * number need not be kept, however many users there are.
 */
final class Hash {

  private static final long STEP = 0x9E3779B97F4A7C15L;

  private Hash() {}

  static long of(long seed, long a, long b) {
    return of(of(seed + STEP * a) + STEP * b);
  }

  /** The finalizer of SplitMix64: no two numbers share an image. */
  static long of(long number) {
    long z = number + STEP;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

package dev.millrace.core;

/**
 * Whole numbers in buckets that grow with them: each octave, from a power of two to the next, is
 * cut into as many equal steps. Small numbers have a bucket of their own; negative ones mirror
 * positive ones.
 */
public final class LogScale {

  private final int stepBits;
  private final int steps;

  /**
   * @param stepBits an octave has 2 to this power steps, so a bucket is at most one such part of
   *     its least value wide; 1 to 6
   */
  public LogScale(int stepBits) {
    this.stepBits = stepBits;
    this.steps = 1 << stepBits;
  }

  /** Grows with the value; 0 is for zero alone. */
  public int bucketOf(long value) {
    if (value < 0) {
      return value == Long.MIN_VALUE ? -bucketOf(Long.MAX_VALUE) : -bucketOf(-value);
    }
    if (value < steps) {
      return (int) value;
    }
    int octave = 63 - Long.numberOfLeadingZeros(value);
    int step = (int) (value >>> (octave - stepBits)) - steps;
    return (octave - stepBits + 1) * steps + step;
  }

  /** The bucket of the least number there is. */
  public int leastBucket() {
    return bucketOf(Long.MIN_VALUE);
  }

  /** How many buckets there are. */
  public int buckets() {
    return 1 - 2 * leastBucket();
  }

  /** The least value of the bucket. */
  public long lowerEdge(int bucket) {
    if (bucket == leastBucket()) {
      return Long.MIN_VALUE; // has no positive mirror
    }
    return bucket < 0 ? -greatest(-bucket) : least(bucket);
  }

  /** The greatest value of the bucket. */
  public long upperEdge(int bucket) {
    return bucket < 0 ? -least(-bucket) : greatest(bucket);
  }

  /** The value half way between the edges; towards the lower one. */
  public long middle(int bucket) {
    long lower = lowerEdge(bucket);
    // The edges of a bucket have one sign, so nothing overflows.
    return lower + (upperEdge(bucket) - lower) / 2;
  }

  private long least(int bucket) {
    if (bucket < steps) {
      return bucket;
    }
    int octave = bucket / steps - 1 + stepBits;
    long step = bucket % steps;
    return (steps + step) << (octave - stepBits);
  }

  private long greatest(int bucket) {
    return bucket == -leastBucket() ? Long.MAX_VALUE : least(bucket + 1) - 1;
  }
}

package dev.millrace.core.cleansing;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one user's values of one field were like: exact sums, and counts in buckets of a quarter of
 * an octave each, so at most 25 % wide. Bounded: at most 495 buckets, whatever the values.
 *
 * <p>Grows in place, and packed, because every event with a value changes it.
 */
final class RunningStats {

  /** Of no values; never added to. */
  static final RunningStats NONE = new RunningStats();

  private static final int PER_OCTAVE_BITS = 2;
  private static final int PER_OCTAVE = 1 << PER_OCTAVE_BITS;

  private static final double TWO_TO_64 = 0x1p64;

  /** More than a dozen roundings of a double can lose, as a share. */
  private static final double LOST = 1e-12;

  private long count;

  /** 128 bits of the sum. */
  private long sumHigh;

  private long sumLow;

  /** 192 bits of the sum of squares: each has up to 126, and there are fewer than 2^63. */
  private long squaresHigh;

  private long squaresMiddle;
  private long squaresLow;

  /** The buckets that hold values, in the order of the values. */
  private short[] buckets = {};

  /** How many values each of them holds. */
  private long[] counts = {};

  RunningStats() {}

  /**
   * @param sums the five words of {@link #sums}
   * @param buckets ascending
   */
  RunningStats(long count, long[] sums, short[] buckets, long[] counts) {
    this.count = count;
    this.sumHigh = sums[0];
    this.sumLow = sums[1];
    this.squaresHigh = sums[2];
    this.squaresMiddle = sums[3];
    this.squaresLow = sums[4];
    this.buckets = buckets;
    this.counts = counts;
  }

  /** How many values, &gt;= 0. */
  long count() {
    return count;
  }

  /** Sum and sum of squares in words of 64 bits, the highest first: two of the one, three. */
  long[] sums() {
    return new long[] {sumHigh, sumLow, squaresHigh, squaresMiddle, squaresLow};
  }

  short[] buckets() {
    return buckets.clone();
  }

  long[] counts() {
    return counts.clone();
  }

  BigInteger sum() {
    return exact(sumHigh, sumLow);
  }

  private BigInteger squares() {
    return exact(squaresHigh, squaresMiddle, squaresLow);
  }

  private static BigInteger exact(long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES);
    bytes.asLongBuffer().put(words);
    return new BigInteger(bytes.array());
  }

  void add(long value) {
    count++;
    long low = sumLow + value;
    sumHigh += (value >> 63) + carry(low, value);
    sumLow = low;

    long squareLow = value * value;
    long squareHigh = Math.multiplyHigh(value, value);
    squaresLow += squareLow;
    long carried = carry(squaresLow, squareLow);
    squaresMiddle += carried;
    squaresHigh += carry(squaresMiddle, carried);
    squaresMiddle += squareHigh;
    squaresHigh += carry(squaresMiddle, squareHigh);
    countIn((short) bucketOf(value));
  }

  /** 1 if the sum of two unsigned words, one of them the addend, went beyond 64 bits. */
  private static long carry(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }

  private void countIn(short bucket) {
    int at = Arrays.binarySearch(buckets, bucket);
    if (at >= 0) {
      counts[at]++;
      return;
    }
    int place = -at - 1;
    short[] moreBuckets = Arrays.copyOf(buckets, buckets.length + 1);
    long[] moreCounts = Arrays.copyOf(counts, counts.length + 1);
    System.arraycopy(buckets, place, moreBuckets, place + 1, buckets.length - place);
    System.arraycopy(counts, place, moreCounts, place + 1, counts.length - place);
    moreBuckets[place] = bucket;
    moreCounts[place] = 1;
    buckets = moreBuckets;
    counts = moreCounts;
  }

  /** |value − mean| &gt; deviations × σ of the population, in whole numbers throughout. */
  boolean isBeyondDeviations(long value, BigDecimal deviations) {
    if (isClearlyWithin(value, deviations.doubleValue())) {
      return false;
    }
    BigInteger n = BigInteger.valueOf(count);
    BigInteger sum = sum();
    BigInteger distance = n.multiply(BigInteger.valueOf(value)).subtract(sum);
    BigInteger variance = n.multiply(squares()).subtract(sum.multiply(sum));
    return new BigDecimal(distance.multiply(distance))
            .compareTo(deviations.multiply(deviations).multiply(new BigDecimal(variance)))
        > 0;
  }

  /**
   * What most values are, told without big numbers: true only if the exact comparison, whatever the
   * doubles here have lost, would say that the value is not beyond.
   */
  private boolean isClearlyWithin(long value, double deviations) {
    double n = count;
    double sum = real(sumHigh, sumLow);
    double squares =
        squaresHigh * TWO_TO_64 * TWO_TO_64
            + unsigned(squaresMiddle) * TWO_TO_64
            + unsigned(squaresLow);
    double distance = Math.abs(n * value - sum) + LOST * (Math.abs(n * value) + Math.abs(sum));
    double variance = n * squares - sum * sum - LOST * (n * squares + sum * sum);
    return distance * distance < deviations * deviations * variance * (1 - LOST);
  }

  private static double real(long high, long low) {
    // A small negative number would be lost between two great ones.
    return high == low >> 63 ? low : high * TWO_TO_64 + unsigned(low);
  }

  private static double unsigned(long word) {
    return (word >>> 1) * 2.0 + (word & 1);
  }

  /** Below Q1 − fence × (Q3 − Q1) or above Q3 + fence × (Q3 − Q1), quartiles by bucket edges. */
  boolean isBeyondFence(long value, BigDecimal fence) {
    BigDecimal first = BigDecimal.valueOf(lowerEdge(bucketAt((count + 3) / 4)));
    BigDecimal third = BigDecimal.valueOf(upperEdge(bucketAt((3 * count + 3) / 4)));
    BigDecimal margin = fence.multiply(third.subtract(first));
    BigDecimal exact = BigDecimal.valueOf(value);
    return exact.compareTo(first.subtract(margin)) < 0 || exact.compareTo(third.add(margin)) > 0;
  }

  /** The bucket that holds the value of that rank; ranks begin with 1. */
  private int bucketAt(long rank) {
    long below = 0;
    for (int i = 0; i < buckets.length; i++) {
      below += counts[i];
      if (below >= rank) {
        return buckets[i];
      }
    }
    throw new IllegalStateException("There are not as many values as " + rank);
  }

  /** Grows with the value; 0 is for zero alone, negative values mirror positive ones. */
  static int bucketOf(long value) {
    if (value < 0) {
      return value == Long.MIN_VALUE ? -bucketOf(Long.MAX_VALUE) : -bucketOf(-value);
    }
    if (value < PER_OCTAVE) {
      return (int) value;
    }
    int octave = 63 - Long.numberOfLeadingZeros(value);
    int step = (int) (value >>> (octave - PER_OCTAVE_BITS)) - PER_OCTAVE;
    return (octave - PER_OCTAVE_BITS + 1) * PER_OCTAVE + step;
  }

  /** The least value of the bucket. */
  static long lowerEdge(int bucket) {
    if (bucket == bucketOf(Long.MIN_VALUE)) {
      return Long.MIN_VALUE; // has no positive mirror
    }
    return bucket < 0 ? -greatest(-bucket) : least(bucket);
  }

  /** The greatest value of the bucket. */
  static long upperEdge(int bucket) {
    return bucket < 0 ? -least(-bucket) : greatest(bucket);
  }

  private static long least(int bucket) {
    if (bucket < PER_OCTAVE) {
      return bucket;
    }
    int octave = bucket / PER_OCTAVE - 1 + PER_OCTAVE_BITS;
    long step = bucket % PER_OCTAVE;
    return (PER_OCTAVE + step) << (octave - PER_OCTAVE_BITS);
  }

  private static long greatest(int bucket) {
    return bucket == bucketOf(Long.MAX_VALUE) ? Long.MAX_VALUE : least(bucket + 1) - 1;
  }
}

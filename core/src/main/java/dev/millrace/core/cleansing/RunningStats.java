package dev.millrace.core.cleansing;

import dev.millrace.core.Exact;
import dev.millrace.core.LogScale;
import java.math.BigDecimal;
import java.math.BigInteger;
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

  /** Quarters of an octave. */
  static final LogScale SCALE = new LogScale(2);

  private static final double TWO_TO_64 = 0x1p64;

  /** More than a dozen roundings of a double can lose, as a share. */
  private static final double LOST = 1e-12;

  private long count;

  /** Two words of the sum, three of the sum of squares: no number of values overflows them. */
  private final long[] sums;

  /** The buckets that hold values, in the order of the values. */
  private short[] buckets = {};

  /** How many values each of them holds. */
  private long[] counts = {};

  RunningStats() {
    this.sums = new long[5];
  }

  /**
   * @param sums the five words of {@link #sums}
   * @param buckets ascending
   */
  RunningStats(long count, long[] sums, short[] buckets, long[] counts) {
    this.count = count;
    this.sums = sums;
    this.buckets = buckets;
    this.counts = counts;
  }

  /** How many values, &gt;= 0. */
  long count() {
    return count;
  }

  /** Sum and sum of squares in words of 64 bits, the highest first: two of the one, three. */
  long[] sums() {
    return sums.clone();
  }

  short[] buckets() {
    return buckets.clone();
  }

  long[] counts() {
    return counts.clone();
  }

  BigInteger sum() {
    return Exact.toBigInteger(sums, 0, 2);
  }

  private BigInteger squares() {
    return Exact.toBigInteger(sums, 2, 3);
  }

  void add(long value) {
    count++;
    Exact.add(sums, 0, value);
    Exact.addSquare(sums, 2, value);
    countIn((short) SCALE.bucketOf(value));
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
    double sum = real(sums[0], sums[1]);
    double squares =
        sums[2] * TWO_TO_64 * TWO_TO_64 + unsigned(sums[3]) * TWO_TO_64 + unsigned(sums[4]);
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
    BigDecimal first = BigDecimal.valueOf(SCALE.lowerEdge(bucketAt((count + 3) / 4)));
    BigDecimal third = BigDecimal.valueOf(SCALE.upperEdge(bucketAt((3 * count + 3) / 4)));
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
}

package dev.millrace.core.cleansing;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one user's values of one field were like: exact sums, and counts in buckets of a quarter of
 * an octave each, so at most 25 % wide. Bounded: at most 495 buckets, whatever the values.
 *
 * @param count how many values, &gt;= 0
 * @param sum of the values
 * @param squares sum of their squares
 * @param buckets number of values by bucket, in the order of the values
 */
public record RunningStats(
    long count, BigInteger sum, BigInteger squares, SortedMap<Integer, Long> buckets) {

  public static final RunningStats EMPTY =
      new RunningStats(0, BigInteger.ZERO, BigInteger.ZERO, Collections.emptySortedMap());

  private static final int PER_OCTAVE_BITS = 2;
  private static final int PER_OCTAVE = 1 << PER_OCTAVE_BITS;

  public RunningStats {
    buckets = Collections.unmodifiableSortedMap(buckets);
  }

  public RunningStats plus(long value) {
    BigInteger exact = BigInteger.valueOf(value);
    SortedMap<Integer, Long> counted = new TreeMap<>(buckets);
    counted.merge(bucketOf(value), 1L, Long::sum);
    return new RunningStats(count + 1, sum.add(exact), squares.add(exact.multiply(exact)), counted);
  }

  /** |value − mean| &gt; deviations × σ of the population, in whole numbers throughout. */
  boolean isBeyondDeviations(long value, BigDecimal deviations) {
    BigInteger n = BigInteger.valueOf(count);
    BigInteger distance = n.multiply(BigInteger.valueOf(value)).subtract(sum);
    BigInteger variance = n.multiply(squares).subtract(sum.multiply(sum));
    return new BigDecimal(distance.multiply(distance))
            .compareTo(deviations.multiply(deviations).multiply(new BigDecimal(variance)))
        > 0;
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
    for (Map.Entry<Integer, Long> bucket : buckets.entrySet()) {
      below += bucket.getValue();
      if (below >= rank) {
        return bucket.getKey();
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

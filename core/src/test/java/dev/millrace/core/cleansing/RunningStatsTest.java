package dev.millrace.core.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunningStatsTest {

  private static RunningStats of(long... values) {
    RunningStats stats = new RunningStats();
    for (long value : values) {
      stats.add(value);
    }
    return stats;
  }

  /** Every magnitude, and every edge of it. */
  private static long anyValue(Random random) {
    long magnitude = random.nextLong() >>> random.nextInt(64);
    return switch (random.nextInt(6)) {
      case 0 -> -magnitude;
      case 1 -> 1L << random.nextInt(64);
      case 2 -> (1L << random.nextInt(64)) - 1;
      case 3 -> -(1L << random.nextInt(64));
      case 4 -> random.nextInt(5) - 2;
      default -> magnitude;
    };
  }

  static LongStream seeds() {
    return LongStream.range(0, 50);
  }

  // Buckets

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyValueLiesWithinTheEdgesOfItsBucket(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      long value = anyValue(random);
      int bucket = RunningStats.SCALE.bucketOf(value);

      assertThat(value)
          .as("seed %d, bucket %d", seed, bucket)
          .isBetween(RunningStats.SCALE.lowerEdge(bucket), RunningStats.SCALE.upperEdge(bucket));
    }
  }

  @Test
  void theEdgesOfTheNumbersThemselvesLieWithinTheirBuckets() {
    for (long value : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, Long.MAX_VALUE}) {
      int bucket = RunningStats.SCALE.bucketOf(value);
      assertThat(value)
          .isBetween(RunningStats.SCALE.lowerEdge(bucket), RunningStats.SCALE.upperEdge(bucket));
    }
  }

  @Test
  void bucketsFollowEachOtherWithoutGapOrOverlapAndThereAre495() {
    int least = RunningStats.SCALE.bucketOf(Long.MIN_VALUE);
    int greatest = RunningStats.SCALE.bucketOf(Long.MAX_VALUE);

    assertThat(greatest - least + 1).isEqualTo(495);
    assertThat(RunningStats.SCALE.lowerEdge(least)).isEqualTo(Long.MIN_VALUE);
    assertThat(RunningStats.SCALE.upperEdge(greatest)).isEqualTo(Long.MAX_VALUE);
    for (int bucket = least; bucket < greatest; bucket++) {
      assertThat(RunningStats.SCALE.lowerEdge(bucket + 1))
          .as("bucket %d", bucket)
          .isEqualTo(RunningStats.SCALE.upperEdge(bucket) + 1);
    }
    for (int bucket = least; bucket <= greatest; bucket++) {
      assertThat(RunningStats.SCALE.bucketOf(RunningStats.SCALE.lowerEdge(bucket)))
          .isEqualTo(bucket);
      assertThat(RunningStats.SCALE.bucketOf(RunningStats.SCALE.upperEdge(bucket)))
          .isEqualTo(bucket);
    }
  }

  @Test
  void aBucketIsAtMostAQuarterOfItsLeastValueWide() {
    for (int bucket = 1; bucket <= RunningStats.SCALE.bucketOf(Long.MAX_VALUE); bucket++) {
      BigDecimal least = BigDecimal.valueOf(RunningStats.SCALE.lowerEdge(bucket));
      BigDecimal width = BigDecimal.valueOf(RunningStats.SCALE.upperEdge(bucket)).subtract(least);
      assertThat(width.add(BigDecimal.ONE).multiply(new BigDecimal(4)))
          .as("bucket %d", bucket)
          .isLessThanOrEqualTo(least.max(new BigDecimal(4)));
    }
  }

  @Test
  void negativeValuesMirrorPositiveOnes() {
    for (long value : new long[] {1, 5, 1_000, 123_456_789, Long.MAX_VALUE}) {
      assertThat(RunningStats.SCALE.bucketOf(-value))
          .isEqualTo(-RunningStats.SCALE.bucketOf(value));
    }
    assertThat(RunningStats.SCALE.bucketOf(0)).isZero();
  }

  // The obvious twin: all values in a list

  private static boolean isBeyondDeviations(List<Long> values, long value, BigDecimal deviations) {
    BigDecimal n = new BigDecimal(values.size());
    BigDecimal sum =
        values.stream().map(BigDecimal::valueOf).reduce(BigDecimal.ZERO, BigDecimal::add);
    // Everything times n, so that nothing is divided.
    BigDecimal spread =
        values.stream()
            .map(x -> BigDecimal.valueOf(x).multiply(n).subtract(sum).pow(2))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal distance = BigDecimal.valueOf(value).multiply(n).subtract(sum).pow(2);
    return distance.multiply(n).compareTo(deviations.pow(2).multiply(spread)) > 0;
  }

  private static boolean isBeyondFence(List<Long> values, long value, BigDecimal fence) {
    List<Long> sorted = values.stream().sorted().toList();
    BigDecimal first =
        BigDecimal.valueOf(
            RunningStats.SCALE.lowerEdge(RunningStats.SCALE.bucketOf(at(sorted, "0.25"))));
    BigDecimal third =
        BigDecimal.valueOf(
            RunningStats.SCALE.upperEdge(RunningStats.SCALE.bucketOf(at(sorted, "0.75"))));
    BigDecimal margin = third.subtract(first).multiply(fence);
    BigDecimal exact = BigDecimal.valueOf(value);
    return exact.compareTo(first.subtract(margin)) < 0 || exact.compareTo(third.add(margin)) > 0;
  }

  /** Nearest rank: the least value that so large a share of all values does not exceed. */
  private static long at(List<Long> sorted, String share) {
    int rank =
        new BigDecimal(share)
            .multiply(new BigDecimal(sorted.size()))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();
    return sorted.get(Math.max(rank, 1) - 1);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void judgesAsTheObviousTwinDoes(long seed) {
    Random random = new Random(seed);
    boolean wild = random.nextBoolean();
    List<Long> values = new ArrayList<>();
    RunningStats stats = new RunningStats();
    for (int i = 0; i < 200; i++) {
      long value = wild ? anyValue(random) : 1_000 + Math.round(random.nextGaussian() * 100);
      BigDecimal limit = BigDecimal.valueOf(1 + random.nextInt(60), 1);
      if (!values.isEmpty()) {
        assertThat(stats.isBeyondDeviations(value, limit))
            .as("seed %d, value %d, z-score %s", seed, i, limit)
            .isEqualTo(isBeyondDeviations(values, value, limit));
        assertThat(stats.isBeyondFence(value, limit))
            .as("seed %d, value %d, fence %s", seed, i, limit)
            .isEqualTo(isBeyondFence(values, value, limit));
      }
      values.add(value);
      stats.add(value);
    }
    assertThat(stats.count()).isEqualTo(200);
    assertThat(stats.sum())
        .isEqualTo(
            values.stream().map(BigInteger::valueOf).reduce(BigInteger.ZERO, BigInteger::add));
    assertThat(LongStream.of(stats.counts()).sum()).isEqualTo(200);
    assertThat(stats.buckets().length).isLessThanOrEqualTo(495);
  }

  @Test
  void aValueAtTheLimitIsNotBeyondIt() {
    // Mean 10, standard deviation 2.
    RunningStats stats = of(8, 12, 8, 12);

    assertThat(stats.isBeyondDeviations(16, new BigDecimal(3))).isFalse();
    assertThat(stats.isBeyondDeviations(17, new BigDecimal(3))).isTrue();
    assertThat(stats.isBeyondDeviations(4, new BigDecimal(3))).isFalse();
    assertThat(stats.isBeyondDeviations(3, new BigDecimal(3))).isTrue();
  }

  @Test
  void whoeverAlwaysDidTheSameIsOddWithAnythingElse() {
    RunningStats stats = of(7, 7, 7);

    assertThat(stats.isBeyondDeviations(7, BigDecimal.ONE)).isFalse();
    assertThat(stats.isBeyondDeviations(8, BigDecimal.TEN)).isTrue();
  }

  @Test
  void theOrderOfTheValuesDoesNotMatter() {
    assertThat(of(3, -5, 1_000))
        .usingRecursiveComparison()
        .isEqualTo(of(1_000, 3, -5))
        .isNotEqualTo(of(1_000, 3, -5, 0));
  }

  @Test
  void theGreatestNumbersDoNotOverflow() {
    RunningStats stats = of(Long.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE);

    assertThat(stats.sum()).isEqualTo(BigInteger.valueOf(-2));
    assertThat(stats.isBeyondDeviations(Long.MAX_VALUE, new BigDecimal("1.1"))).isFalse();
    assertThat(stats.isBeyondFence(Long.MIN_VALUE, BigDecimal.ONE)).isFalse();
  }

  @Test
  void anOutlierJudgesOnlyWhenEnoughIsKnown() {
    Outlier outlier =
        new Outlier(new Range(null, BigDecimal.TEN), BigDecimal.ONE, BigDecimal.ONE, 3);

    assertThat(flags(outlier, 11, of(1, 1))).containsExactly("x:OUTLIER_BOUNDS");
    assertThat(flags(outlier, 11, of(1, 1, 1)))
        .containsExactly("x:OUTLIER_BOUNDS", "x:OUTLIER_Z_SCORE", "x:OUTLIER_IQR");
    assertThat(flags(outlier, 1, of(1, 1, 1))).isEmpty();
    assertThat(outlier.learns()).isTrue();
    assertThat(new Outlier(null, null, null, 2).learns()).isFalse();
  }

  private static List<String> flags(Outlier outlier, long value, RunningStats known) {
    Findings findings = new Findings();
    outlier.judge("x", value, known, findings);
    return findings.flags();
  }

  @Test
  void anOutlierThatCantBeIsRefused() {
    assertThatThrownBy(() -> new Outlier(null, BigDecimal.ZERO, null, 2))
        .hasMessageContaining("must be > 0");
    assertThatThrownBy(() -> new Outlier(null, null, BigDecimal.ONE.negate(), 2))
        .hasMessageContaining("must be > 0");
    assertThatThrownBy(() -> new Outlier(null, null, null, 1)).hasMessageContaining("after >= 2");
  }
}

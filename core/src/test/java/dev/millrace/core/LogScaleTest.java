package dev.millrace.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogScaleTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 6})
  void bucketsJoinFromTheLeastNumberToTheGreatestAndEachHoldsItsEdgesAndItsMiddle(int stepBits) {
    LogScale scale = new LogScale(stepBits);
    int least = scale.leastBucket();
    int greatest = least + scale.buckets() - 1;

    assertThat(scale.lowerEdge(least)).isEqualTo(Long.MIN_VALUE);
    assertThat(scale.upperEdge(greatest)).isEqualTo(Long.MAX_VALUE);
    assertThat(scale.bucketOf(0)).isZero();
    for (int bucket = least; bucket <= greatest; bucket++) {
      assertThat(scale.bucketOf(scale.lowerEdge(bucket))).isEqualTo(bucket);
      assertThat(scale.bucketOf(scale.middle(bucket))).isEqualTo(bucket);
      assertThat(scale.bucketOf(scale.upperEdge(bucket))).isEqualTo(bucket);
      if (bucket < greatest) {
        assertThat(scale.lowerEdge(bucket + 1)).isEqualTo(scale.upperEdge(bucket) + 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 6})
  void aBucketIsNoWiderThanItsPartOfItsLeastValue(int stepBits) {
    LogScale scale = new LogScale(stepBits);
    for (int bucket = 1; bucket < scale.buckets() / 2; bucket++) {
      long least = scale.lowerEdge(bucket);
      long width = scale.upperEdge(bucket) - least;
      assertThat(width).isLessThanOrEqualTo(least >> stepBits);
    }
  }
}

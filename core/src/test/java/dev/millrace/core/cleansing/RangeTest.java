package dev.millrace.core.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RangeTest {

  private static Range between(String min, String max) {
    return new Range(
        min == null ? null : new BigDecimal(min), max == null ? null : new BigDecimal(max));
  }

  @Test
  void bothBoundsBelongToIt() {
    Range range = between("-1", "2.5");

    assertThat(range.contains(-1L)).isTrue();
    assertThat(range.contains(-2L)).isFalse();
    assertThat(range.contains(2L)).isTrue();
    assertThat(range.contains(3L)).isFalse();
    assertThat(range.contains(2.5)).isTrue();
    assertThat(range.contains(Math.nextUp(2.5))).isFalse();
    assertThat(between("0", null).contains(-0.0)).isTrue();
  }

  @Test
  void aBoundIsComparedExactly() {
    assertThat(between(null, "9007199254740992.5").contains(9_007_199_254_740_993L)).isFalse();
    assertThat(between("9223372036854775807", null).contains(Long.MAX_VALUE)).isTrue();
    // The double nearest to 0.1 is a little more than 0.1.
    assertThat(between(null, "0.1").contains(0.1)).isFalse();
  }

  @Test
  void anOpenSideHasNoBound() {
    assertThat(between(null, "0").contains(Long.MIN_VALUE)).isTrue();
    assertThat(between("0", null).contains(Long.MAX_VALUE)).isTrue();
    assertThat(between(null, null).contains(0L)).isTrue();
  }

  @Test
  void whatIsNoNumberLiesNowhere() {
    assertThat(between(null, null).contains(Double.NaN)).isFalse();
    assertThat(between("0", null).contains(Double.POSITIVE_INFINITY)).isFalse();
    assertThat(between(null, "0").contains(Double.NEGATIVE_INFINITY)).isFalse();
  }

  @Test
  void timesHaveBoundsToo() {
    Instant noon = Instant.parse("2026-01-01T12:00:00Z");
    Range afternoon = new Range(noon, noon.plusSeconds(3_600));

    assertThat(afternoon.contains(noon)).isTrue();
    assertThat(afternoon.contains(noon.minusNanos(1_000))).isFalse();
    assertThat(afternoon.contains(noon.plusSeconds(3_600))).isTrue();
    assertThat(afternoon.contains(noon.plusSeconds(3_601))).isFalse();
    assertThat(afternoon.inWords()).isEqualTo("from 2026-01-01T12:00:00Z to 2026-01-01T13:00:00Z");
  }

  @Test
  void tellsItsBoundsInWords() {
    assertThat(between("0", "1E+6").inWords()).isEqualTo("from 0 to 1000000");
    assertThat(between("0.5", null).inWords()).isEqualTo("at least 0.5");
    assertThat(between(null, "7").inWords()).isEqualTo("at most 7");
    assertThat(between(null, null).inWords()).isEqualTo("any");
  }

  @Test
  void boundsThatHoldNothingAreRefused() {
    assertThatThrownBy(() -> between("2", "1")).hasMessage("min must not be greater than max");
    assertThatThrownBy(() -> new Range("a", "b")).hasMessage("A bound is a number or a time");
    assertThatThrownBy(() -> new Range(null, 5L)).hasMessage("A bound is a number or a time");
  }
}

package dev.millrace.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void theMedianOfAnOddNumberIsTheOneInTheMiddle() {
    assertThat(Spread.of(9, 1, 4).median()).isEqualTo(4);
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
    assertThat(Spread.of(9, 1, 4, 5).median()).isEqualTo(4.5);
  }

  @Test
  void tellsTheSmallestAndTheGreatest() {
    assertThat(Spread.of(9, 1, 4).min()).isEqualTo(1);
    assertThat(Spread.of(9, 1, 4).max()).isEqualTo(9);
  }

  @Test
  void aRatioIsMadeRepetitionByRepetition() {
    assertThat(Spread.of(2, 9).over(Spread.of(4, 3))).isEqualTo(Spread.of(0.5, 3));
  }

  @Test
  void refusesARatioOfUnlikeNumbersOfRepetitions() {
    assertThatThrownBy(() -> Spread.of(1).over(Spread.of(1, 2)))
        .hasMessage("1 repetitions have no counterpart in 2");
  }

  @Test
  void refusesNothing() {
    assertThatThrownBy(() -> new Spread(List.of())).hasMessage("Nothing was measured");
  }
}

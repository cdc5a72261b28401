package dev.millrace.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScoreExplanationTest {

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 20);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void asPublishedTheSharesAddUpToTheMargin(long seed) {
    Random random = new Random(seed);
    List<String> columns =
        IntStream.rangeClosed(0, random.nextInt(30)).mapToObj(i -> "column_" + i).toList();
    double[] contributions =
        columns.stream().mapToDouble(c -> random.nextGaussian() * 10).toArray();

    ScoreExplanation explanation =
        ScoreExplanation.of(random.nextGaussian() * 10, columns, contributions);

    BigDecimal sum =
        explanation.contributions().values().stream()
            .map(BigDecimal::valueOf)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(sum).isEqualByComparingTo(BigDecimal.valueOf(explanation.margin()));
  }

  @Test
  void theInterceptIsWhatTheRoundedColumnsLeave() {
    assertThat(ScoreExplanation.of(1.0, List.of("a", "b"), new double[] {0.3333333333, 0.25}))
        .isEqualTo(
            new ScoreExplanation(
                1.0,
                new TreeMap<>(Map.of("a", 0.333333333, "b", 0.25, "(intercept)", 0.416666667))));
  }

  @Test
  void aModelThatExplainsNoColumnHasAMarginOnly() {
    ScoreExplanation explanation = ScoreExplanation.of(0.12345678951, List.of("a"), new double[0]);

    assertThat(explanation.margin()).isEqualTo(0.12345679);
    assertThat(explanation.contributions()).isEmpty();
  }

  @Test
  void aModelThatTellsNoMarginExplainsNothing() {
    ScoreExplanation explanation = ScoreExplanation.of(null, List.of("a"), new double[] {1.0});

    assertThat(explanation.margin()).isNull();
    assertThat(explanation.contributions()).isEmpty();
  }
}

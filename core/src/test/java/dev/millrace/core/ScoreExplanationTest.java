package dev.millrace.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
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

  /** Halves, their neighbours, and numbers of every size. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void roundsEveryNumberAsItsExactBinaryValueSays(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      double half = (random.nextInt(2_000_001) - 1_000_000 + 0.5) / 1e9;
      double value =
          switch (i % 4) {
            case 0 -> half + Math.ulp(half) * (random.nextInt(5) - 2);
            case 1 -> random.nextGaussian() * Math.scalb(1.0, random.nextInt(60) - 30);
            case 2 -> half * (1 + random.nextInt(1_000_000));
            default -> random.nextDouble();
          };
      double exact = new BigDecimal(value).setScale(9, RoundingMode.HALF_EVEN).doubleValue() + 0.0;

      assertThat(Score.round(value)).as("%s", value).isEqualTo(exact);
    }
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

package dev.millrace.model;

import static dev.millrace.model.Models.MISSING;
import static dev.millrace.model.Models.aModel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.model.LogisticRegression.Term;
import dev.millrace.model.LogisticRegression.Transform;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogisticRegressionTest {

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 20);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theGraphComputesWhatPlainArithmeticDoes(long seed) {
    Random random = new Random(seed);
    LogisticRegression spec = Models.randomModel(random);
    PlainLogisticRegression plain = new PlainLogisticRegression(spec);
    double[][] rows = Models.randomRows(random, 300, spec.terms().size());

    try (OnnxModel model = Models.open(spec)) {
      List<Evaluation> evaluations = model.evaluate(rows);
      for (int i = 0; i < rows.length; i++) {
        Evaluation evaluation = evaluations.get(i);
        assertThat(evaluation.probability()).isCloseTo(plain.probability(rows[i]), within(1e-12));
        assertThat(evaluation.margin()).isCloseTo(plain.margin(rows[i]), within(1e-11));
        assertThat(evaluation.contributions())
            .containsExactly(plain.contributions(rows[i]), within(1e-12));
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void contributionsAddUpToTheMargin(long seed) {
    Random random = new Random(seed);
    LogisticRegression spec = Models.randomModel(random);

    try (OnnxModel model = Models.open(spec)) {
      for (Evaluation evaluation :
          model.evaluate(Models.randomRows(random, 300, spec.terms().size()))) {
        double sum = spec.intercept();
        for (double contribution : evaluation.contributions()) {
          sum += contribution;
        }
        assertThat(sum).isEqualTo(evaluation.margin());
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aBatchScoresLikeItsRowsAloneAtNineDecimals(long seed) {
    Random random = new Random(seed);
    LogisticRegression spec = Models.randomModel(random);
    double[][] rows = Models.randomRows(random, 1 + random.nextInt(600), spec.terms().size());

    try (OnnxModel model = Models.open(spec)) {
      List<BigDecimal> batch =
          model.evaluate(rows).stream().map(LogisticRegressionTest::canonical).toList();
      for (int i = 0; i < rows.length; i++) {
        assertThat(canonical(model.evaluate(rows[i]))).isEqualTo(batch.get(i));
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void withoutLogarithmsTheMarginIsThatOfPlainArithmeticToTheBit(long seed) {
    Random random = new Random(seed);
    LogisticRegression spec = withoutTransforms(Models.randomModel(random));
    PlainLogisticRegression plain = new PlainLogisticRegression(spec);
    double[][] rows = Models.randomRows(random, 300, spec.terms().size());

    try (OnnxModel model = Models.open(spec)) {
      List<Evaluation> evaluations = model.evaluate(rows);
      for (int i = 0; i < rows.length; i++) {
        assertThat(evaluations.get(i).margin()).isEqualTo(plain.margin(rows[i]));
      }
    }
  }

  @Test
  void fillsAMissingValueBeforeTheTransformation() {
    double[] missing = {3, MISSING, 60};
    double[] filled = {3, 10, 60};

    try (OnnxModel model = Models.open(aModel())) {
      assertThat(model.evaluate(missing))
          .usingRecursiveComparison()
          .isEqualTo(model.evaluate(filled));
    }
  }

  @Test
  void takesNegativeAmountsAsZeroBeforeTheLogarithm() {
    double[] negative = {3, -5, 60};
    double[] zero = {3, 0, 60};

    try (OnnxModel model = Models.open(aModel())) {
      assertThat(model.evaluate(negative))
          .usingRecursiveComparison()
          .isEqualTo(model.evaluate(zero));
    }
  }

  @Test
  void scoresARowOfNothingButMissingValues() {
    double[] nothing = {MISSING, MISSING, MISSING};

    try (OnnxModel model = Models.open(aModel())) {
      assertThat(model.evaluate(nothing).probability())
          .isCloseTo(new PlainLogisticRegression(aModel()).probability(nothing), within(1e-12));
    }
  }

  @Test
  void computesTheLinkFunctionOverItsWholeRange() {
    LogisticRegression link =
        new LogisticRegression("link", List.of(plainTerm("a", 1), plainTerm("b", 1)), 0);
    PlainLogisticRegression plain = new PlainLogisticRegression(link);

    try (OnnxModel model = Models.open(link)) {
      for (double margin = -50; margin <= 50; margin += 0.01) {
        double[] row = {margin, 0};
        assertThat(model.evaluate(row).probability())
            .isCloseTo(plain.probability(row), within(1e-12));
      }
    }
  }

  @Test
  void staysAProbabilityAtTheEndsOfTheScale() {
    LogisticRegression steep =
        new LogisticRegression("steep", List.of(plainTerm("a", 1e6), plainTerm("b", 0)), 0);

    try (OnnxModel model = Models.open(steep)) {
      assertThat(model.evaluate(new double[] {1e6, 0}).probability()).isEqualTo(1);
      assertThat(model.evaluate(new double[] {-1e6, 0}).probability()).isEqualTo(0);
      assertThat(model.evaluate(new double[] {0, 0}).probability()).isEqualTo(0.5);
    }
  }

  @Test
  void equalModelsGiveEqualBytes() {
    assertThat(aModel().toOnnx()).isEqualTo(aModel().toOnnx());
    assertThat(withoutTransforms(aModel()).toOnnx()).isNotEqualTo(aModel().toOnnx());
  }

  @Test
  void refusesAModelOfOneColumnBecauseMlflowCouldNotServeIt() {
    assertThatThrownBy(() -> new LogisticRegression("lonely", List.of(plainTerm("a", 1)), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two inputs or more");
  }

  @Test
  void refusesTwoTermsForOneColumn() {
    assertThatThrownBy(
            () -> new LogisticRegression("twice", List.of(plainTerm("a", 1), plainTerm("a", 2)), 0))
        .hasMessageContaining("two uses for the name a");
  }

  @Test
  void refusesAColumnNamedLikeAnOutput() {
    for (String name : List.of("probability", "margin", "contribution_a")) {
      assertThatThrownBy(
              () ->
                  new LogisticRegression(
                      "mixed", List.of(plainTerm("a", 1), plainTerm(name, 2)), 0))
          .hasMessageContaining("two uses for the name " + name);
    }
  }

  @Test
  void refusesNumbersThatCannotScore() {
    assertThatThrownBy(() -> plainTerm("a", Double.NaN))
        .hasMessageContaining("a is infinite or NaN");
    assertThatThrownBy(() -> new Term("a", Transform.NONE, 0, 0, 1, 0))
        .hasMessageContaining("never varies");
    assertThatThrownBy(() -> new Term("a", Transform.NONE, 0, -1, 1, 0))
        .hasMessageContaining("scale -1.0");
    assertThatThrownBy(
            () ->
                new LogisticRegression(
                    "endless",
                    List.of(plainTerm("a", 1), plainTerm("b", 1)),
                    Double.POSITIVE_INFINITY))
        .hasMessageContaining("the intercept");
  }

  @Test
  void refusesNamesThatNeedQuoting() {
    assertThatThrownBy(() -> plainTerm("spend 24h", 1)).hasMessageContaining("'spend 24h'");
    assertThatThrownBy(
            () -> new LogisticRegression("it's", List.of(plainTerm("a", 1), plainTerm("b", 1)), 0))
        .hasMessageContaining("'it's'");
  }

  private static Term plainTerm(String column, double weight) {
    return new Term(column, Transform.NONE, 0, 1, weight, 0);
  }

  private static LogisticRegression withoutTransforms(LogisticRegression model) {
    List<Term> terms =
        model.terms().stream()
            .map(
                term ->
                    new Term(
                        term.column(),
                        Transform.NONE,
                        term.mean(),
                        term.scale(),
                        term.weight(),
                        term.fill()))
            .toList();
    return new LogisticRegression(model.name(), terms, model.intercept());
  }

  private static BigDecimal canonical(Evaluation evaluation) {
    return new BigDecimal(evaluation.probability()).setScale(9, RoundingMode.HALF_EVEN);
  }
}

package dev.millrace.model;

import static dev.millrace.model.Models.constant;
import static dev.millrace.model.Models.node;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {

  private static final double SECRET = 123.456789;

  private static final List<String> A_PROBABILITY = List.of("probability");

  @Test
  void scoresBatchesLargerThanABlockInOrder() {
    double[][] rows = new double[3 * OnnxModel.BLOCK_ROWS + 7][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new double[] {i / 1000.0, 0};
    }

    try (OnnxModel model =
        Models.open(A_PROBABILITY, node("Identity", List.of("a"), "probability"))) {
      assertThat(model.evaluate(rows))
          .extracting(Evaluation::probability)
          .containsExactlyElementsOf(List.of(rows).stream().map(row -> row[0]).toList());
    }
  }

  @Test
  void scoresNoRowsToNothing() {
    try (OnnxModel model = Models.open(Models.aModel())) {
      assertThat(model.evaluate(new double[0][])).isEmpty();
    }
  }

  @Test
  void givesTheSameBitsForTheSameBatch() {
    Random random = new Random(7);
    LogisticRegression spec = Models.randomModel(random);
    double[][] rows = Models.randomRows(random, 137, spec.terms().size());

    try (OnnxModel one = Models.open(spec);
        OnnxModel other = Models.open(spec)) {
      List<Evaluation> first = one.evaluate(rows);
      for (int repetition = 0; repetition < 20; repetition++) {
        assertThat(one.evaluate(rows)).usingRecursiveComparison().isEqualTo(first);
        assertThat(other.evaluate(rows)).usingRecursiveComparison().isEqualTo(first);
        one.evaluate(rows[repetition]);
      }
    }
  }

  @Test
  void leavesOutWhatTheGraphDoesNotExplain() {
    try (OnnxModel model =
        Models.open(A_PROBABILITY, node("Identity", List.of("a"), "probability"))) {
      Evaluation evaluation = model.evaluate(new double[] {0.25, 0});

      assertThat(evaluation.probability()).isEqualTo(0.25);
      assertThat(evaluation.margin()).isNull();
      assertThat(evaluation.contributions()).isEmpty();
    }
  }

  @Test
  void givesAMarginWithoutContributionsIfTheGraphDoes() {
    try (OnnxModel model =
        Models.open(
            List.of("margin", "probability"),
            node("Add", List.of("a", "b"), "margin"),
            node("Sigmoid", List.of("margin"), "probability"))) {
      Evaluation evaluation = model.evaluate(new double[] {-1, 1});

      assertThat(evaluation.margin()).isEqualTo(0.0);
      assertThat(evaluation.contributions()).isEmpty();
    }
  }

  @Test
  void rejectsARowWithTooFewOrTooManyColumns() {
    try (OnnxModel model = Models.open(Models.aModel())) {
      assertThatThrownBy(() -> model.evaluate(new double[] {1, 2}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("takes 3 columns and got 2");
      assertThatThrownBy(() -> model.evaluate(new double[][] {{1, 2, 3}, {1, 2, 3, 4}}))
          .hasMessageContaining("takes 3 columns and got 4");
    }
  }

  @Test
  void refusesAProbabilityThatIsNoNumber() {
    try (OnnxModel model = Models.open(A_PROBABILITY, node("Log", List.of("a"), "probability"))) {
      assertUnusable(model, new double[] {-SECRET, 0}, "a probability that is no number");
      assertUnusable(model, new double[] {0, 0}, "a probability that is no number");
    }
  }

  @Test
  void refusesAProbabilityOutsideItsRange() {
    try (OnnxModel model =
        Models.open(A_PROBABILITY, node("Identity", List.of("a"), "probability"))) {
      assertUnusable(model, new double[] {SECRET, 0}, "a probability outside [0, 1]");
      assertUnusable(model, new double[] {-1e-12, 0}, "a probability outside [0, 1]");
    }
  }

  @Test
  void refusesAnInfiniteMarginAlthoughItsProbabilityLooksFine() {
    try (OnnxModel model = Models.open(Models.aModel())) {
      assertUnusable(
          model, new double[] {Double.POSITIVE_INFINITY, SECRET, 0}, "a margin that is no number");
    }
  }

  @Test
  void namesTheFirstUnusableRowAndScoresTheOthersWithoutIt() {
    double[][] rows = new double[OnnxModel.BLOCK_ROWS + 10][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new double[] {0.5, 0};
    }
    int bad = OnnxModel.BLOCK_ROWS + 3;
    rows[bad][0] = SECRET;

    try (OnnxModel model =
        Models.open(A_PROBABILITY, node("Identity", List.of("a"), "probability"))) {
      ModelOutputException refused =
          catchThrowableOfType(ModelOutputException.class, () -> model.evaluate(rows));
      assertThat(refused.row()).isEqualTo(bad);

      rows[bad][0] = 0.5;
      assertThat(model.evaluate(rows)).hasSameSizeAs(rows);
    }
  }

  @Test
  void tellsNoValuesWhenTheRuntimeStops() {
    try (OnnxModel model = aTable()) {
      ModelOutputException refused =
          catchThrowableOfType(
              ModelOutputException.class, () -> model.evaluate(new double[] {77_123, 0}));

      assertThat(refused).hasMessageContaining("Model sketch stopped with").hasNoCause();
      assertThat(refused.getMessage()).doesNotContain("77123");
      assertThat(model.evaluate(new double[] {1, 0}).probability()).isEqualTo(0.2);
    }
  }

  @Test
  void namesTheRowThatMadeTheRuntimeStopForAll() {
    double[][] rows = new double[300][2];
    rows[270][0] = 77_123;

    try (OnnxModel model = aTable()) {
      ModelOutputException refused =
          catchThrowableOfType(ModelOutputException.class, () -> model.evaluate(rows));

      assertThat(refused.row()).isEqualTo(270);
    }
  }

  @Test
  void takesNoAnswerOfAnotherLengthThanTheBatch() {
    try (OnnxModel model = Models.open(A_PROBABILITY, constant("probability", 0.5, 0.5))) {
      assertThat(model.evaluate(new double[2][2])).hasSize(2);
      assertThatThrownBy(() -> model.evaluate(new double[3][2]))
          .isInstanceOf(ModelOutputException.class);
      assertThatThrownBy(() -> model.evaluate(new double[1][2]))
          .isInstanceOf(ModelOutputException.class);
    }
  }

  @Test
  void passesItsOwnGoldenVectors() {
    try (OnnxModel model = OnnxModel.open(Models.aDirectory())) {
      assertThat(model.card().golden()).hasSize(3);
      assertThatCode(model::verifyGolden).doesNotThrowAnyException();
    }
  }

  @Test
  void failsOnAGoldenVectorByAMillionthOfAPercent() {
    Map<String, byte[]> files = Models.files();
    double expected = ModelDirectory.read(files).card().golden().get(0).probability();
    String digits = GoldenVector.rounded(expected).toPlainString();
    String wrong = GoldenVector.rounded(expected + 1e-8).toPlainString();

    try (OnnxModel model =
        OnnxModel.open(ModelDirectory.read(Models.filesWith("golden.json", digits, wrong)))) {
      assertThatThrownBy(model::verifyGolden)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("golden vector 0")
          .hasMessageContaining("not the model that was tested");
    }
  }

  @Test
  void failsOnAGoldenVectorItCannotScore() {
    GoldenVector beyond = new GoldenVector(List.of(SECRET, 0.0), 0.5);

    try (OnnxModel model =
        Models.open(
            A_PROBABILITY, List.of(beyond), node("Identity", List.of("a"), "probability"))) {
      assertThatThrownBy(model::verifyGolden)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("cannot score golden vector 0");
    }
  }

  @Test
  void refusesAGraphTheRuntimeCannotRun() {
    assertThatThrownBy(
            () -> Models.open(A_PROBABILITY, node("NoSuchOperator", List.of("a"), "probability")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("NoSuchOperator");
  }

  @Test
  void blamesNoGraphForAFailureThatAMachineMayHaveToo() {
    byte[] mixed =
        Models.graph(
            A_PROBABILITY,
            Models.castToLong("a", "index"),
            node("Add", List.of("a", "index"), "probability"));

    assertThatThrownBy(() -> Models.open(mixed))
        .isInstanceOf(ModelRuntimeException.class)
        .hasMessageContaining("ORT_FAIL")
        .hasMessageContaining("more memory");
  }

  @Test
  void blamesNoRowForALackOfMemory() {
    try (OnnxModel model =
        Models.open(
            A_PROBABILITY,
            Models.castToLong("a", "count"),
            node("Expand", List.of("b", "count"), "many"),
            node("Add", List.of("many", "b"), "more"),
            node("ReduceMin", List.of("more"), "probability"))) {
      assertThatThrownBy(() -> model.evaluate(new double[] {1e14, SECRET}))
          .isInstanceOf(ModelRuntimeException.class)
          .hasMessageContaining("lack of memory")
          .hasMessageNotContaining("123.45")
          .hasNoCause();
    }
  }

  @Test
  void saysWhatToDoWhereTheNativeLibraryIsMissing(@TempDir Path empty) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Donnxruntime.native.path=" + empty,
                "-cp",
                System.getProperty("java.class.path"),
                OpensAModel.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), UTF_8);

    assertThat(child.waitFor()).isEqualTo(1);
    assertThat(said)
        .contains("ModelRuntimeException: ONNX Runtime's native library can't be loaded")
        .contains("java.io.tmpdir");
  }

  /** For a JVM of its own, because a library is loaded once. */
  static final class OpensAModel {
    public static void main(String[] args) {
      OnnxModel.open(Models.aDirectory()).close();
    }
  }

  @Test
  void scoresNothingAfterItsEnd() {
    OnnxModel model = Models.open(Models.aModel());
    model.evaluate(Models.goldenRows());
    model.close();
    model.close();

    assertThatThrownBy(() -> model.evaluate(Models.goldenRows()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Model fraud is closed");
  }

  @Test
  void manyThreadsGetTheScoresThatOneGets() throws Exception {
    double[][] rows = Models.randomRows(new Random(3), 500, 3);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (OnnxModel model = Models.open(Models.aModel())) {
      List<Double> expected = new ArrayList<>();
      for (double[] row : rows) {
        expected.add(model.evaluate(row).probability());
      }
      List<Future<List<Double>>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(threads.submit(() -> oneByOne(model, rows)));
      }
      for (Future<List<Double>> answer : answers) {
        assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closesOnlyBetweenEvaluations() throws Exception {
    double[][] rows = Models.randomRows(new Random(4), 2000, 3);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int repetition = 0; repetition < 20; repetition++) {
        OnnxModel model = Models.open(Models.aModel());
        CountDownLatch started = new CountDownLatch(2);
        List<Future<String>> ends = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          ends.add(threads.submit(() -> scoreUntilClosed(model, rows, started)));
        }
        started.await();
        model.close();
        for (Future<String> end : ends) {
          assertThat(end.get(1, TimeUnit.MINUTES)).contains("is closed");
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Stops at an index outside the table, and the runtime's message quotes the index. */
  private static OnnxModel aTable() {
    return Models.open(
        A_PROBABILITY,
        constant("table", 0.1, 0.2),
        Models.castToLong("a", "index"),
        node("Gather", List.of("table", "index"), "probability"));
  }

  private static List<Double> oneByOne(OnnxModel model, double[][] rows) {
    List<Double> probabilities = new ArrayList<>();
    for (double[] row : rows) {
      probabilities.add(model.evaluate(row).probability());
    }
    return probabilities;
  }

  private static String scoreUntilClosed(OnnxModel model, double[][] rows, CountDownLatch started) {
    started.countDown();
    try {
      while (true) {
        assertThat(model.evaluate(rows)).hasSameSizeAs(rows);
      }
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void assertUnusable(OnnxModel model, double[] row, String problem) {
    ModelOutputException refused =
        catchThrowableOfType(ModelOutputException.class, () -> model.evaluate(row));

    assertThat(refused).hasMessageContaining(problem).hasMessageContaining("quarantine the row");
    assertThat(refused.getMessage()).doesNotContain("123.45");
  }
}

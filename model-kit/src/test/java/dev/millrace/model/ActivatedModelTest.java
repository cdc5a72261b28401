package dev.millrace.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Score;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.model.ActivatedModel.Outcome;
import dev.millrace.model.LogisticRegression.Term;
import dev.millrace.model.LogisticRegression.Transform;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.FeatureSets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActivatedModelTest {

  private static final FeatureSet SET = FeatureSets.userActivity();
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Activation ACTIVATION =
      new Activation(Activation.MODEL, "fraud", 3, "c".repeat(64));
  private static final List<Object> VALUES = values(Map.of("events_24h", 3L));

  /** Its columns stand in another order than in the set, and it does not take all of them. */
  private static Map<String, byte[]> files() {
    LogisticRegression model =
        new LogisticRegression(
            "fraud",
            List.of(
                new Term("since_last_event", Transform.NONE, 0, 1, 0.25, -4),
                new Term("events_24h", Transform.NONE, 0, 1, 0.5, 0)),
            -0.5);
    return files(model, SET.sha256());
  }

  private static Map<String, byte[]> files(LogisticRegression model, String setSha256) {
    FeatureSetPin pin = new FeatureSetPin(SET.name(), SET.version(), setSha256);
    return new TreeMap<>(
        new ModelDirectoryWriter(model, pin, 0.5, NOON, "run-1", "0123abc")
            .files(new double[] {1, 1}));
  }

  /** The values in the places of their columns; the others are missing. */
  private static List<Object> values(Map<String, Object> byColumn) {
    return SET.columnNames().stream().map(byColumn::get).collect(toCollection(ArrayList::new));
  }

  private static FeatureVector vector(List<Object> values, String setSha256) {
    return new FeatureVector(
        "ann",
        "e-1",
        "view",
        NOON,
        NOON.plusSeconds(1),
        false,
        new Origin("raw-topic", 1, 7),
        4,
        SET.name(),
        SET.version(),
        setSha256,
        values);
  }

  private static FeatureVector vector() {
    return vector(VALUES, SET.sha256());
  }

  private static Outcome outcome(Map<String, byte[]> files, FeatureVector vector) {
    try (ActivatedModel model = ActivatedModel.of(ACTIVATION, files, sha256 -> SET)) {
      assertThat(model.isFor(vector)).isTrue();
      return model.score(vector);
    }
  }

  private static void assertRefused(Outcome outcome, Reason rule, String why) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(((Outcome.Refused) outcome).violation().rule()).isEqualTo(rule);
    assertThat(((Outcome.Refused) outcome).violation().message()).contains(why);
  }

  @Test
  void givesItsColumnsByNameAndWhatIsNotThereAsMissing() {
    Outcome.Scored scored = (Outcome.Scored) outcome(files(), vector());

    // -0.5 + 0.25 × the fill of the missing time + 0.5 × events_24h
    assertThat(scored.explanation().margin()).isEqualTo(0.0);
    assertThat(scored.score()).isEqualTo(new Score(0.5, true));
    assertThat(scored.explanation().contributions())
        .isEqualTo(Map.of("(intercept)", -0.5, "since_last_event", -1.0, "events_24h", 1.5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a word", ""})
  void whatIsNoNumberIsMissingToo(String text) {
    List<Object> values = values(Map.of("events_24h", 3L, "since_last_event", text));

    assertThat(outcome(files(), vector(values, SET.sha256())))
        .isEqualTo(outcome(files(), vector()));
  }

  @Test
  void itsMessageHoldsAllThatIsNeededToSayTheScoreAgain() {
    FeatureVector vector = vector();

    ScoreMessage message =
        ScoreMapper.message(vector, ACTIVATION, (Outcome.Scored) outcome(files(), vector));

    assertThat(message.getUserId()).isEqualTo("ann");
    assertThat(message.getScore()).isEqualTo(0.5);
    assertThat(message.getThreshold()).isEqualTo(0.5);
    assertThat(message.getModel()).isEqualTo("fraud");
    assertThat(message.getModelVersion()).isEqualTo(3);
    assertThat(message.getModelSha256()).isEqualTo(ACTIVATION.sha256());
    assertThat(message.getModelRunId()).isEqualTo("run-1");
    assertThat(message.getGitCommit()).isEqualTo("0123abc");
    assertThat(message.getShadow()).isFalse();
    assertThat(message.getVectorSha256()).isEqualTo(vector.sha256());
    assertThat(message.getVector()).isEqualTo(VALUES);
    assertThat(message.getOrigin().getOffset()).isEqualTo(7);
  }

  @Test
  void whoIsNotTheChampionScoresInTheShadow() {
    Activation challenger =
        new Activation(Activation.MODEL, "fraud", 3, "c".repeat(64), "challenger", false);

    ScoreMessage message =
        ScoreMapper.message(vector(), challenger, (Outcome.Scored) outcome(files(), vector()));

    assertThat(message.getShadow()).isTrue();
  }

  @Test
  void aModelMadeForOtherVectorsIsNotForThese() {
    LogisticRegression model = Models.aModel();
    Map<String, byte[]> files =
        new ModelDirectoryWriter(
                model, new FeatureSetPin("other", 1, "f".repeat(64)), 0.5, NOON, null, null)
            .files(new double[] {1, 2, 3});

    try (ActivatedModel other = ActivatedModel.of(ACTIVATION, files, sha256 -> SET)) {
      assertThat(other.isFor(vector())).isFalse();
    }
  }

  @Test
  void oneThatCannotBeUsedIsForTheVectorsItWasMadeForAsFarAsItSaysWhich() {
    Map<String, byte[]> damaged = files();
    damaged.put("model.onnx", new byte[] {1, 2, 3});
    Map<String, byte[]> unreadable = files();
    unreadable.put("MLmodel", new byte[] {'{'});
    FeatureVector other = vector(VALUES, "f".repeat(64));

    try (ActivatedModel pinned = ActivatedModel.of(ACTIVATION, damaged, sha256 -> SET);
        ActivatedModel unknown = ActivatedModel.of(ACTIVATION, unreadable, sha256 -> SET)) {
      assertThat(pinned.isFor(vector())).isTrue();
      assertThat(pinned.isFor(other)).isFalse();
      assertThat(unknown.isFor(vector())).isTrue();
      assertThat(unknown.isFor(other)).isTrue();
    }
  }

  // What the bytes decide

  @ParameterizedTest
  @ValueSource(
      strings = {"MLmodel", "model.onnx", "conda.yaml", "golden.json", "input_example.json"})
  void filesThatAreMissingOrUnreadableRefuseEveryVectorThatTheModelIsFor(String file) {
    Map<String, byte[]> files = files();
    if (file.endsWith("e.json") || file.equals("conda.yaml")) {
      files.remove(file);
    } else {
      files.put(file, new byte[] {1, 2, 3});
    }

    assertRefused(outcome(files, vector()), Reason.MODEL_INVALID, "model/fraud@3 can't be used");
  }

  @Test
  void columnsThatItsFeatureSetLacksRefuseEveryVector() {
    LogisticRegression model =
        new LogisticRegression(
            "fraud",
            List.of(
                new Term("no_such_column", Transform.NONE, 0, 1, 1, 0),
                new Term("events_24h", Transform.NONE, 0, 1, 1, 0)),
            0);

    assertRefused(
        outcome(files(model, SET.sha256()), vector()),
        Reason.MODEL_INVALID,
        "columns that its feature set does not have");
  }

  @Test
  void aGraphThatNoRuntimeRunsRefusesEveryVector() {
    Map<String, byte[]> files = files();
    files.put(
        "model.onnx",
        Models.changed(
            files.get("model.onnx"),
            model -> model.getGraphBuilder().getNodeBuilder(0).setOpType("NoSuchOperator")));

    assertRefused(outcome(files, vector()), Reason.MODEL_INVALID, "NoSuchOperator");
  }

  @Test
  void aVectorOfWhichTheModelMakesNoNumberIsRefused() {
    List<Object> endless = values(Map.of("events_24h", Double.POSITIVE_INFINITY));

    assertRefused(
        outcome(files(), vector(endless, SET.sha256())), Reason.MODEL_OUTPUT, "is no number");
  }

  // What a machine might decide

  @Test
  void goldenVectorsThatAreNotMetHereStopTheHostAndDecideNothing() {
    Map<String, byte[]> files = files();
    String golden = new String(files.get("golden.json"), UTF_8);
    files.put(
        "golden.json",
        golden.replaceAll("(\"probability\": *)[0-9.]+", "$10.123456789").getBytes(UTF_8));

    assertThatThrownBy(() -> ActivatedModel.of(ACTIVATION, files, sha256 -> SET))
        .isInstanceOf(ModelRuntimeException.class)
        .hasMessageContaining("model/fraud@3 passed its golden vectors when it was activated")
        .hasMessageContaining("run on a machine like them")
        .hasCauseInstanceOf(InvalidModelException.class);
  }

  @Test
  void aGraphThatTheRuntimeFailsToOpenStopsTheHostAndDecidesNothing() {
    Map<String, byte[]> files = files();
    files.put(
        "model.onnx",
        Models.changed(
            files.get("model.onnx"),
            model ->
                model
                    .getGraphBuilder()
                    .addNode(Models.node("Identity", List.of("/y"), "/x"))
                    .addNode(Models.node("Identity", List.of("/x"), "/y"))));

    assertThatThrownBy(() -> ActivatedModel.of(ACTIVATION, files, sha256 -> SET))
        .isInstanceOf(ModelRuntimeException.class)
        .hasMessageContaining("can't be opened by ONNX Runtime here");
  }
}

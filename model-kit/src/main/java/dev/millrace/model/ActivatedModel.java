package dev.millrace.model;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Reason;
import dev.millrace.core.Score;
import dev.millrace.core.ScoreExplanation;
import dev.millrace.core.Violation;
import dev.millrace.core.features.FeatureSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model that an activation names: ready to score vectors, or known to be unusable.
 *
 * <p>Only what bytes decide becomes an outcome, so that every machine and every replay comes to the
 * same one. The model's files, the vector, and what ONNX Runtime says of them by a code that
 * nothing else provokes are such bytes. All else the runtime fails with may be of this machine, for
 * lack of memory for example, and is a {@link ModelRuntimeException}.
 *
 * <p>Golden vectors test the machine here: the model itself passed them before it was activated, so
 * if it does not pass them now, what differs is the processor or the runtime. Files that contradict
 * each other about them are no such case; the bytes tell.
 */
public final class ActivatedModel implements AutoCloseable {

  /** Either a score or the reason why there is none. */
  public sealed interface Outcome {

    /**
     * A score.
     *
     * @param card of the model that gave it
     */
    record Scored(ModelCard card, Score score, ScoreExplanation explanation) implements Outcome {}

    /** No score, on any machine. */
    record Refused(Violation violation) implements Outcome {}
  }

  private final Activation activation;

  /** Null if it can't be used. */
  private final @Nullable OnnxModel model;

  /** Hash of the set whose vectors it was made for; null if that can't be read. */
  private final @Nullable String pinnedSet;

  private final Function<String, FeatureSet> sets;

  /** Where the model's inputs stand in a vector; null until one comes that the model is for. */
  private volatile @Nullable List<Integer> columns;

  /** Null if it can be used. */
  private final @Nullable String problem;

  private ActivatedModel(
      Activation activation,
      @Nullable OnnxModel model,
      @Nullable String pinnedSet,
      Function<String, FeatureSet> sets,
      @Nullable String problem) {
    this.activation = activation;
    this.model = model;
    this.pinnedSet = pinnedSet;
    this.sets = sets;
    this.problem = problem;
  }

  /**
   * Opens the model; close it when no more vectors will come.
   *
   * @param files of the model directory, by path
   * @param sets feature sets by their hash; asked for that of a vector which the model is for
   * @throws ModelRuntimeException if this machine can't run it as it was activated
   */
  public static ActivatedModel of(
      Activation activation, Map<String, byte[]> files, Function<String, FeatureSet> sets) {
    OnnxModel model;
    try {
      model = OnnxModel.open(ModelDirectory.read(files));
    } catch (InvalidModelException e) {
      return unusable(activation, ModelDirectory.pinnedSet(files), String.valueOf(e.getMessage()));
    }
    try {
      model.verifyGolden();
    } catch (InvalidModelException e) {
      model.close();
      throw runsDifferently(activation, e);
    } catch (ModelRuntimeException e) {
      model.close();
      throw e;
    }
    return new ActivatedModel(activation, model, model.card().featureSet().sha256(), sets, null);
  }

  /** A model whose bytes are none. */
  public static ActivatedModel unusable(Activation activation, String problem) {
    return unusable(activation, null, problem);
  }

  private static ActivatedModel unusable(
      Activation activation, @Nullable String pinnedSet, String problem) {
    return new ActivatedModel(
        activation,
        null,
        pinnedSet,
        sha256 -> {
          throw new IllegalStateException("A model that can't be used takes nothing of a vector");
        },
        problem);
  }

  private static ModelRuntimeException runsDifferently(
      Activation activation, InvalidModelException e) {
    return new ModelRuntimeException(
        "%s passed its golden vectors when it was activated, and does not here (%s). This machine would publish other scores than the others: compare its processor, ONNX Runtime and onnxruntime.native.path with theirs, or run on a machine like them."
            .formatted(activation.key(), e.getMessage()),
        e);
  }

  public Activation activation() {
    return activation;
  }

  /**
   * Whether the model was made for vectors like this one; one of which not even that can be read is
   * for all.
   */
  public boolean isFor(FeatureVector vector) {
    return pinnedSet == null || pinnedSet.equals(vector.featureSetSha256());
  }

  /**
   * What the model makes of a vector that it is for.
   *
   * @throws ModelRuntimeException if this machine can't tell
   */
  public Outcome score(FeatureVector vector) {
    if (model == null) {
      return refused(
          Reason.MODEL_INVALID, "model %s can't be used: %s".formatted(activation.key(), problem));
    }
    List<Integer> from = columns;
    if (from == null) {
      from = columnsOf(model.card());
      columns = from;
    }
    if (from.contains(-1)) {
      return refused(
          Reason.MODEL_INVALID,
          "model %s can't be used: it takes columns that its feature set does not have"
              .formatted(activation.key()));
    }
    try {
      return scored(model.card(), model.evaluate(inputs(vector, from)));
    } catch (ModelOutputException e) {
      return refused(Reason.MODEL_OUTPUT, String.valueOf(e.getMessage()));
    }
  }

  /** By the set that the model is pinned to; -1 for a column that it does not have. */
  private List<Integer> columnsOf(ModelCard card) {
    List<String> names = sets.apply(card.featureSet().sha256()).columnNames();
    return card.inputColumns().stream().map(names::indexOf).toList();
  }

  /** True is 1 and false 0; a value that is not there, or is a text, is missing to the model. */
  private static double[] inputs(FeatureVector vector, List<Integer> columns) {
    double[] inputs = new double[columns.size()];
    for (int i = 0; i < inputs.length; i++) {
      Object value = vector.values().get(columns.get(i));
      inputs[i] = input(value);
    }
    return inputs;
  }

  private static double input(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static Outcome scored(ModelCard card, Evaluation evaluation) {
    return new Outcome.Scored(
        card,
        Score.of(evaluation.probability(), card.threshold()),
        ScoreExplanation.of(evaluation.margin(), card.inputColumns(), evaluation.contributions()));
  }

  private static Outcome refused(Reason reason, String message) {
    return new Outcome.Refused(new Violation(reason, null, message));
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
  }
}

package dev.millrace.scoring;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureSet;
import dev.millrace.core.FeatureVector;
import dev.millrace.model.Evaluation;
import dev.millrace.model.OnnxModel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An activated model, ready to score, or the reason why it can't.
 *
 * @param model null if it can't be used
 * @param columns where the model's inputs stand in a vector
 * @param problem null if it can be used
 */
record LoadedModel(
    Activation activation,
    @Nullable OnnxModel model,
    List<Integer> columns,
    @Nullable String problem) {

  /** Finds the model's columns in the set that it says it was made for. */
  static LoadedModel of(Activation activation, OnnxModel model, FeatureSet set) {
    if (!model.card().featureSet().sha256().equals(set.sha256())) {
      // Made for a set that this service does not fold: no vector of ours is for it.
      return new LoadedModel(activation, model, List.of(), null);
    }
    List<Integer> columns =
        model.card().inputColumns().stream().map(set.columns()::indexOf).toList();
    return columns.contains(-1)
        ? unusable(activation, "it takes columns that its feature set does not have")
        : new LoadedModel(activation, model, columns, null);
  }

  static LoadedModel unusable(Activation activation, String problem) {
    return new LoadedModel(activation, null, List.of(), problem);
  }

  /** Whether the model was made for vectors like this one; one that can't be used is for all. */
  boolean isFor(FeatureVector vector) {
    return model == null || model.card().featureSet().sha256().equals(vector.featureSetSha256());
  }

  /**
   * What the model makes of the vector; a value that is not there is NaN to it.
   *
   * @throws dev.millrace.model.ModelOutputException if it makes no probability of it
   */
  Evaluation evaluate(OnnxModel usable, FeatureVector vector) {
    double[] inputs = new double[columns.size()];
    for (int i = 0; i < inputs.length; i++) {
      Object value = vector.values().get(columns.get(i));
      inputs[i] = value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
    return usable.evaluate(inputs);
  }

  void close() {
    if (model != null) {
      model.close();
    }
  }
}

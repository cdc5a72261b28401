package dev.millrace.model;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model directory says about its model.
 *
 * @param name of the model, for example {@code fraud}
 * @param modelUuid MLflow's id of this directory; null if it gave none
 * @param runId the MLflow run that trained it; null if none did
 * @param gitCommit the code that trained it; null if unknown
 * @param featureSet whose vectors it may score
 * @param threshold a probability at or above it is a positive decision; in (0, 1)
 * @param inputColumns what {@link OnnxModel#evaluate(double[])} takes, in this order
 * @param golden vectors to verify before use; empty if it brings none
 */
public record ModelCard(
    String name,
    @Nullable String modelUuid,
    @Nullable String runId,
    @Nullable String gitCommit,
    FeatureSetPin featureSet,
    double threshold,
    List<String> inputColumns,
    List<GoldenVector> golden) {

  public ModelCard {
    Names.requireName("model", name);
    inputColumns = List.copyOf(inputColumns);
    golden = List.copyOf(golden);
    requireThreshold(name, threshold);
    if (inputColumns.isEmpty() || new HashSet<>(inputColumns).size() != inputColumns.size()) {
      throw new IllegalArgumentException(
          "Model %s takes the columns %s; name at least one, and each once"
              .formatted(name, inputColumns));
    }
    int arity = inputColumns.size();
    if (golden.stream().anyMatch(vector -> vector.columns().size() != arity)) {
      throw new IllegalArgumentException(
          "Model %s has a golden vector without exactly %d columns; write it again from the model"
              .formatted(name, arity));
    }
  }

  static void requireThreshold(String name, double threshold) {
    if (!(threshold > 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "Model %s has the threshold %s, which would decide every row alike; choose one in (0, 1)"
              .formatted(name, threshold));
    }
  }
}

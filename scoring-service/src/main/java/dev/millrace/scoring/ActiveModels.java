package dev.millrace.scoring;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureSet;
import dev.millrace.model.InvalidModelException;
import dev.millrace.model.ModelDirectory;
import dev.millrace.model.OnnxModel;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.streams.ActiveArtifacts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Models by the activation offset that a vector carries; each is loaded once and kept. */
final class ActiveModels implements AutoCloseable {

  private final ActiveArtifacts artifacts;
  private final ArtifactStore store;
  private final FeatureSet set;
  private final Map<String, LoadedModel> loaded = new ConcurrentHashMap<>();

  ActiveModels(ActiveArtifacts artifacts, ArtifactStore store, FeatureSet set) {
    this.artifacts = artifacts;
    this.store = store;
    this.set = set;
  }

  /**
   * The models in force, by name.
   *
   * @throws ArtifactStore.ArtifactException if the store does not have one of them
   */
  List<LoadedModel> at(long activationOffset) {
    return artifacts.knownAt(activationOffset).active(Activation.MODEL, activationOffset).stream()
        .map(
            activation ->
                loaded.computeIfAbsent(
                    activation.key() + activation.sha256(), k -> load(activation)))
        .toList();
  }

  private LoadedModel load(Activation activation) {
    try {
      OnnxModel model = OnnxModel.open(ModelDirectory.read(store.getFiles(activation.sha256())));
      try {
        model.verifyGolden();
      } catch (InvalidModelException e) {
        model.close();
        throw e;
      }
      return LoadedModel.of(activation, model, set);
    } catch (InvalidModelException e) {
      return LoadedModel.unusable(activation, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    loaded.values().forEach(LoadedModel::close);
  }
}

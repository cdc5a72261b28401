package dev.millrace.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.core.Activation;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.model.ActivatedModel;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.streams.ActiveArtifacts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Models by the activation offset that a vector carries; each is loaded once and kept. */
final class ActiveModels implements AutoCloseable {

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ActiveArtifacts artifacts;
  private final ArtifactStore store;
  private final ActiveFeatureSets sets;
  private final Map<String, ActivatedModel> loaded = new ConcurrentHashMap<>();

  /** What was asked last: most vectors carry the same offset. */
  private volatile @Nullable InForce latest;

  /** What is in force at an offset, which stays so. */
  private record InForce(long activationOffset, List<ActivatedModel> models) {}

  ActiveModels(ActiveArtifacts artifacts, ArtifactStore store, ActiveFeatureSets sets) {
    this.artifacts = artifacts;
    this.store = store;
    this.sets = sets;
  }

  /**
   * The models in force, by name.
   *
   * @throws ArtifactStore.ArtifactException if the store does not have one of them
   * @throws dev.millrace.model.ModelRuntimeException if this machine can't run one of them
   */
  List<ActivatedModel> at(long activationOffset) {
    InForce known = latest;
    if (known == null || known.activationOffset() != activationOffset) {
      known = new InForce(activationOffset, find(activationOffset));
      latest = known;
    }
    return known.models();
  }

  private List<ActivatedModel> find(long activationOffset) {
    return artifacts.knownAt(activationOffset).active(Activation.MODEL, activationOffset).stream()
        .map(
            activation ->
                loaded.computeIfAbsent(
                    activation.key() + activation.sha256(), k -> load(activation)))
        .toList();
  }

  private ActivatedModel load(Activation activation) {
    return listsFiles(store.get(activation.sha256()))
        ? ActivatedModel.of(activation, store.getFiles(activation.sha256()), this::set)
        : ActivatedModel.unusable(
            activation, "its artifact is one file, and a model is a set of files");
  }

  private FeatureSet set(String sha256) {
    return sets.fold(sha256).set();
  }

  /**
   * That an artifact is no set of files, its bytes decide for everyone; that a listed file is
   * missing or damaged is a matter of this store, and stops.
   */
  private static boolean listsFiles(byte[] artifact) {
    try {
      JsonNode files = JSON.readTree(artifact).path("files");
      return files.isObject()
          && StreamSupport.stream(files.spliterator(), false)
              .allMatch(sha256 -> SHA_256.matcher(sha256.asText()).matches());
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    loaded.values().forEach(ActivatedModel::close);
  }
}

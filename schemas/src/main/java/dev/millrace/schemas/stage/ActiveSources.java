package dev.millrace.schemas.stage;

import dev.millrace.core.Activation;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SourceMapping;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Source mappings by the activation offset that an event carries. */
public final class ActiveSources {

  private final KnownActivations activations;
  private final ArtifactStore store;
  private final Map<String, SourceMapping> compiled = new ConcurrentHashMap<>();

  public ActiveSources(KnownActivations activations, ArtifactStore store) {
    this.activations = activations;
    this.store = store;
  }

  /** Offset of the last activation known here, for stamping new events. */
  public long lastKnown() {
    return activations.lastKnown();
  }

  /**
   * The mapping in force; null if none of that name was.
   *
   * @throws ArtifactStore.ArtifactException if the store does not have it
   */
  public @Nullable SourceMapping find(String source, long activationOffset) {
    return activations
        .knownAt(activationOffset)
        .active(Activation.SOURCE, source, activationOffset)
        .map(
            activation ->
                compiled.computeIfAbsent(
                    activation.sha256(), sha256 -> SourceMapping.of(store.get(sha256))))
        .orElse(null);
  }
}

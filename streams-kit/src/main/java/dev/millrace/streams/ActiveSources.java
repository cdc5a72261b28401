package dev.millrace.streams;

import dev.millrace.core.Activation;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SourceMapping;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Source mappings by the activation offset that an event carries. */
public final class ActiveSources {

  private final ActiveArtifacts artifacts;
  private final ArtifactStore store;
  private final Map<String, SourceMapping> compiled = new ConcurrentHashMap<>();

  public ActiveSources(ActiveArtifacts artifacts, ArtifactStore store) {
    this.artifacts = artifacts;
    this.store = store;
  }

  /** Offset of the last activation known here, for stamping new events. */
  public long lastKnown() {
    return artifacts.lastKnown();
  }

  /**
   * The mapping in force; null if none of that name was.
   *
   * @throws ArtifactStore.ArtifactException if the store does not have it
   */
  public @Nullable SourceMapping find(String source, long activationOffset) {
    return artifacts
        .knownAt(activationOffset)
        .active(Activation.SOURCE, source, activationOffset)
        .map(
            activation ->
                compiled.computeIfAbsent(
                    activation.sha256(), sha256 -> SourceMapping.of(store.get(sha256))))
        .orElse(null);
  }
}

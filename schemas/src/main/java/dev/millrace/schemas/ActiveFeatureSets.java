package dev.millrace.schemas;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.state.UnreadableStateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * By which feature sets an event is folded: those that were active at the offset which the event
 * carries, each version beside the others. Safe for several threads.
 */
public final class ActiveFeatureSets {

  private static final int OFFSETS_KEPT = 1_000;

  /**
   * A version of a feature set that is in force.
   *
   * @param number names it in the states of users: the offset of its first activation
   * @param activation says which artifact it is
   */
  public record ActiveFeatureSet(long number, Activation activation) {

    /** As {@code user-activity@1}. */
    public String key() {
      return activation.name() + "@" + activation.version();
    }
  }

  private final ArtifactStore store;
  private final Map<Long, List<ActiveFeatureSet>> byOffset = new ConcurrentHashMap<>();
  private final Map<String, FeatureFold> folds = new ConcurrentHashMap<>();

  public ActiveFeatureSets(ArtifactStore store) {
    this.store = store;
  }

  /**
   * In the order in which they were activated first.
   *
   * @param timeline known at least up to the offset
   */
  public List<ActiveFeatureSet> active(ActivationTimeline timeline, long offset) {
    List<ActiveFeatureSet> known = byOffset.get(offset);
    if (known == null) {
      known = read(timeline, offset);
      if (byOffset.size() >= OFFSETS_KEPT) {
        byOffset.clear();
      }
      byOffset.put(offset, known);
    }
    return known;
  }

  private static List<ActiveFeatureSet> read(ActivationTimeline timeline, long offset) {
    Map<String, Activation> active = new TreeMap<>();
    timeline.active(Activation.FEATURE_SET, offset).forEach(set -> active.put(set.key(), set));
    return timeline.firstActivations().entrySet().stream()
        .filter(first -> active.containsKey(first.getValue().key()))
        .map(first -> new ActiveFeatureSet(first.getKey(), first.getValue()))
        .toList();
  }

  /**
   * The fold that users' states name by that number.
   *
   * @param timeline known at least up to the number
   * @throws UnreadableStateException if no feature set was activated first there
   * @throws ArtifactStore.ArtifactException if the store does not have it
   */
  public FeatureFold fold(ActivationTimeline timeline, long number) {
    Activation set = timeline.firstActivations().get(number);
    if (set == null || !set.kind().equals(Activation.FEATURE_SET)) {
      throw new UnreadableStateException(
          "A state is of the feature set that offset %d of %s activated first, and there is none; rebuild the state from its input"
              .formatted(number, Topics.ACTIVATIONS.name()));
    }
    return fold(set.sha256());
  }

  /**
   * The fold of the set of that hash.
   *
   * @throws ArtifactStore.ArtifactException if the store does not have it
   * @throws DeclarationException if the artifact is no feature set
   */
  public FeatureFold fold(String sha256) {
    return folds.computeIfAbsent(
        sha256, s -> new FeatureFold(FeatureSetDeclaration.of(store.get(s)).set()));
  }

  /**
   * The fold of the set of that hash; empty if the store does not have it.
   *
   * @throws DeclarationException if the artifact is no feature set
   */
  public Optional<FeatureFold> find(String sha256) {
    return folds.containsKey(sha256) || store.has(sha256)
        ? Optional.of(fold(sha256))
        : Optional.empty();
  }
}

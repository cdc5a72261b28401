package dev.millrace.features;

import dev.millrace.core.features.FeatureFold;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.ActiveArtifacts;
import dev.millrace.streams.TopicIds;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The feature sets that this service folds, each to the topic of its version. Whoever needs one
 * waits until the activation log is read so far.
 */
final class FoldedSets {

  /** Where a set's vectors go, and how they are written. */
  record Output(String topic, MessageCodec<FeatureVectorMessage> codec) {}

  private final ActiveArtifacts artifacts;
  private final ActiveFeatureSets sets;
  private final TopicIds topicIds;
  private final SchemaRegistry registry;
  private final Map<Long, Output> outputs = new ConcurrentHashMap<>();

  /**
   * @throws dev.millrace.streams.StartupException if a set in force has no topic that fits
   */
  FoldedSets(
      ActiveArtifacts artifacts,
      ActiveFeatureSets sets,
      TopicIds topicIds,
      SchemaRegistry registry) {
    this.artifacts = artifacts;
    this.sets = sets;
    this.topicIds = topicIds;
    this.registry = registry;
    now().forEach(this::output);
  }

  /** The sets by which an event is folded that carries the offset. */
  List<ActiveFeatureSet> active(long activationOffset) {
    return sets.active(artifacts.knownAt(activationOffset), activationOffset);
  }

  /** The sets in force for events to come. */
  List<ActiveFeatureSet> now() {
    return active(artifacts.lastKnown());
  }

  /**
   * The set in force of that name and version, to be asked for.
   *
   * @param key as {@code user-activity@1}
   */
  Optional<ServedSet> find(String key) {
    return now().stream()
        .filter(set -> set.key().equals(key))
        .findFirst()
        .map(set -> new ServedSet(fold(set), set.number()));
  }

  /** Of the sets in force, as {@code user-activity@1}. */
  List<String> keys() {
    return now().stream().map(ActiveFeatureSet::key).toList();
  }

  /**
   * @throws dev.millrace.schemas.DeclarationException if the artifact is no feature set
   * @throws dev.millrace.schemas.ArtifactStore.ArtifactException if the store does not have it
   */
  FeatureFold fold(ActiveFeatureSet set) {
    return sets.fold(set.activation().sha256());
  }

  /** The fold whose states have the number. */
  FeatureFold fold(long number) {
    return sets.fold(artifacts.knownAt(number), number);
  }

  /**
   * @throws dev.millrace.streams.StartupException if the set has no topic that fits
   */
  Output output(ActiveFeatureSet set) {
    return outputs.computeIfAbsent(
        set.number(),
        number -> {
          Topics.Topic topic = Topics.features(set.activation().name(), set.activation().version());
          topicIds.alsoRequire(topic);
          return new Output(topic.name(), MessageCodec.registered(registry, topic));
        });
  }
}

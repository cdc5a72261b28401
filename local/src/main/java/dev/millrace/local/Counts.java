package dev.millrace.local;

import dev.millrace.schemas.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many committed records there are.
 *
 * @param byTopic every topic that has any
 * @param quarantinedByStage as the records say who quarantined them
 * @param quarantinedByRule events that broke the rule; one event can break several
 * @param quarantinedByModel vectors that the model could not score; models that have any
 * @param scoresByModel models that have any
 * @param usersScored different users among the scores
 */
record Counts(
    Map<String, Long> byTopic,
    Map<String, Long> quarantinedByStage,
    Map<String, Long> quarantinedByRule,
    Map<String, Long> quarantinedByModel,
    Map<String, Long> scoresByModel,
    long usersScored) {

  static final String CLEANSING = "cleansing";
  static final String FEATURES = "features";
  static final String SCORING = "scoring";

  Counts {
    byTopic = Map.copyOf(byTopic);
    quarantinedByStage = Map.copyOf(quarantinedByStage);
    quarantinedByRule = Map.copyOf(quarantinedByRule);
    quarantinedByModel = Map.copyOf(quarantinedByModel);
    scoresByModel = Map.copyOf(scoresByModel);
  }

  long in(Topics.Topic topic) {
    return byTopic.getOrDefault(topic.name(), 0L);
  }

  long raw() {
    return in(Topics.RAW);
  }

  long clean() {
    return in(Topics.CLEAN);
  }

  long duplicates() {
    return in(Topics.DUPLICATES);
  }

  long features() {
    return in(Topics.FEATURES);
  }

  long scores() {
    return in(Topics.SCORES);
  }

  /** Of what is landed in each table of the lake; a topic without a record has no table. */
  Map<String, Long> landed() {
    Map<String, Long> records = new TreeMap<>();
    for (Topics.Topic topic : Lake.TOPICS) {
      if (in(topic) > 0) {
        records.put(Topics.table(topic.name()), in(topic));
      }
    }
    return records;
  }

  long quarantinedBy(String stage) {
    return quarantinedByStage.getOrDefault(stage, 0L);
  }

  /** A vector that scoring could not even read came to no model at all, so it counts for each. */
  private long notScoredBy(String model) {
    long byAnyModel = quarantinedByModel.values().stream().mapToLong(Long::longValue).sum();
    return quarantinedByModel.getOrDefault(model, 0L) + quarantinedBy(SCORING) - byAnyModel;
  }

  /**
   * How many events have come out at the end: as a score by each model, or where they were dropped.
   *
   * @param models names of the active models
   */
  long out(Collection<String> models) {
    long scored =
        models.stream()
            .mapToLong(model -> scoresByModel.getOrDefault(model, 0L) + notScoredBy(model))
            .min()
            .orElse(features());
    return duplicates() + quarantinedBy(CLEANSING) + quarantinedBy(FEATURES) + scored;
  }

  /**
   * What the conservation law does not find: every published event is accepted, every accepted one
   * has one outcome, every clean one a vector, every vector a score by each model.
   *
   * @param published events in all
   * @param models names of the active models
   * @return empty if all is there
   */
  List<String> missing(long published, Collection<String> models) {
    List<String> missing = new ArrayList<>();
    require(published, raw(), "published events accepted as raw", missing);
    require(
        raw(),
        clean() + duplicates() + quarantinedBy(CLEANSING),
        "raw events sorted into clean, duplicate or quarantined",
        missing);
    require(
        clean(),
        features() + quarantinedBy(FEATURES),
        "clean events with a feature vector",
        missing);
    for (String model : models) {
      require(
          features(),
          scoresByModel.getOrDefault(model, 0L) + notScoredBy(model),
          "feature vectors scored by " + model,
          missing);
    }
    return missing;
  }

  private static void require(long expected, long found, String what, List<String> missing) {
    if (expected != found) {
      missing.add(String.format(Locale.ROOT, "%,d of %,d %s", found, expected, what));
    }
  }
}

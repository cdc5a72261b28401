package dev.millrace.core;

import java.time.Duration;
import java.util.List;

/** Features that are folded together and leave as one vector, in this order. */
public record FeatureSet(String name, int version, List<Feature> features) {

  /** The first handful; what a user does, over ten minutes, an hour and a day. */
  public static final FeatureSet USER_ACTIVITY =
      new FeatureSet(
          "user-activity",
          1,
          List.of(
              new Feature("events", Feature.Op.COUNT, null, tenMinutesHourDay(), 0),
              new Feature(
                  "value_sum", Feature.Op.SUM, EventField.VALUE_MICROS, tenMinutesHourDay(), 0),
              new Feature(
                  "products",
                  Feature.Op.DISTINCT,
                  EventField.PRODUCT_ID,
                  List.of(Duration.ofHours(24)),
                  64),
              new Feature("since_last_event", Feature.Op.SINCE, null, List.of(), 0)));

  public FeatureSet {
    features = List.copyOf(features);
    List<String> columns = columns(features);
    if (columns.stream().distinct().count() != columns.size()) {
      throw new IllegalArgumentException("Two columns of " + name + " share a name: " + columns);
    }
  }

  /** Column names in the order of a vector's values. */
  public List<String> columns() {
    return columns(features);
  }

  /** SHA-256 of the declaration; stands on each vector, and models are pinned to it. */
  public String sha256() {
    CanonicalHash hash =
        CanonicalHash.start().add("feature-set").add(name).add(version).add(features.size());
    for (Feature feature : features) {
      EventField of = feature.of();
      hash.add(feature.name())
          .add(feature.op().name())
          .add(of == null ? null : of.fieldName())
          .add(feature.windows().stream().map(Micros::of).toList())
          .add(feature.cap());
    }
    return hash.hex();
  }

  private static List<String> columns(List<Feature> features) {
    return features.stream().flatMap(feature -> feature.columns().stream()).toList();
  }

  private static List<Duration> tenMinutesHourDay() {
    return List.of(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(24));
  }
}

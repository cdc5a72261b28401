package dev.millrace.core.features;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which features a user's state is taken by. */
public final class StateBound {

  private StateBound() {}

  /**
   * The greatest number of bytes of each feature's own state, the largest first. Together they are
   * somewhat more than {@link FeatureFold#greatestBytes()}, since features share their tiles.
   */
  public static Map<String, Long> byFeature(FeatureSet set) {
    long empty = new FeatureFold(only(set, List.of())).greatestBytes();
    Map<String, Long> bytes = new TreeMap<>();
    for (Feature feature : set.features()) {
      long alone = new FeatureFold(only(set, List.of(feature))).greatestBytes();
      bytes.merge(feature.name(), alone - empty, Long::sum);
    }
    Map<String, Long> largestFirst = new LinkedHashMap<>();
    bytes.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(feature -> largestFirst.put(feature.getKey(), feature.getValue()));
    return largestFirst;
  }

  private static FeatureSet only(FeatureSet set, List<Feature> features) {
    return new FeatureSet(
        set.name(), set.version(), set.doc(), set.lets(), features, List.of(), set.sha256());
  }
}

package dev.millrace.core.features;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a feature takes of a user's state.
 *
 * @param feature its name; two of one name count as one
 * @param bytes the most that it can be
 */
public record StateBound(String feature, long bytes) {

  /**
   * Of each feature alone, the largest first. Together they are somewhat more than {@link
   * FeatureFold#greatestBytes()}, since features share their tiles.
   */
  public static List<StateBound> byFeature(FeatureSet set) {
    long empty = new FeatureFold(only(set, List.of())).greatestBytes();
    Map<String, Long> bytes = new TreeMap<>();
    for (Feature feature : set.features()) {
      long alone = new FeatureFold(only(set, List.of(feature))).greatestBytes();
      bytes.merge(feature.name(), alone - empty, Long::sum);
    }
    List<StateBound> largestFirst = new ArrayList<>();
    bytes.forEach((feature, most) -> largestFirst.add(new StateBound(feature, most)));
    largestFirst.sort(Comparator.comparingLong(StateBound::bytes).reversed());
    return largestFirst;
  }

  private static FeatureSet only(FeatureSet set, List<Feature> features) {
    return new FeatureSet(
        set.name(), set.version(), set.doc(), set.lets(), features, List.of(), set.sha256());
  }
}

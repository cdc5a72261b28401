package dev.millrace.core.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StateBoundTest {

  private final FeatureSet set = EveryOperation.set();

  @Test
  void theLargestFeatureComesFirstAndNoneIsLeftOut() {
    Map<String, Long> bytes = StateBound.byFeature(set);

    assertThat(List.copyOf(bytes.values()))
        .isSortedAccordingTo((one, other) -> Long.compare(other, one));
    assertThat(bytes.keySet())
        .containsExactlyInAnyOrderElementsOf(set.features().stream().map(Feature::name).toList());
    assertThat(bytes.values()).allMatch(feature -> feature > 0);
  }

  @Test
  void togetherTheFeaturesTakeWhatTheSetTakesOrSomewhatMore() {
    long together = StateBound.byFeature(set).values().stream().mapToLong(Long::longValue).sum();
    long bound = new FeatureFold(set).greatestBytes();

    assertThat(together).isBetween(bound * 99 / 100, bound * 105 / 100);
  }
}

package dev.millrace.core.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StateBoundTest {

  private final FeatureSet set = EveryOperation.set();
  private final List<StateBound> bounds = StateBound.byFeature(set);

  @Test
  void theLargestFeatureComesFirstAndNoneIsLeftOut() {
    assertThat(bounds)
        .isSortedAccordingTo((one, other) -> Long.compare(other.bytes(), one.bytes()))
        .allMatch(bound -> bound.bytes() > 0)
        .extracting(StateBound::feature)
        .containsExactlyInAnyOrderElementsOf(set.features().stream().map(Feature::name).toList());
  }

  @Test
  void togetherTheFeaturesTakeWhatTheSetTakesOrSomewhatMore() {
    long together = bounds.stream().mapToLong(StateBound::bytes).sum();
    long bound = new FeatureFold(set).greatestBytes();

    assertThat(together).isBetween(bound * 99 / 100, bound * 105 / 100);
  }
}

package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirePlanTest {

  private record Another(String title) implements Disturbance {
    @Override
    public void happen(SinkTrial trial, Random random) {}
  }

  @Test
  void aSeedHasOnePlan() {
    assertThat(FirePlan.of(7, Fault.ALL)).isEqualTo(FirePlan.of(7, Fault.ALL));
    assertThat(LongStream.range(1, 30).mapToObj(seed -> FirePlan.of(seed, Fault.ALL).steps()))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4, 7, 100, -2})
  void threeSeedsHaveAllThatCanHappenOnce(long first) {
    assertAllHappens(first, Fault.ALL);
  }

  @Test
  void whatIsAddedHappensToo() {
    List<Disturbance> more = new ArrayList<>(Fault.ALL);
    more.add(new Another("optimized meanwhile"));

    assertAllHappens(1, more);
  }

  private static void assertAllHappens(long first, List<Disturbance> all) {
    List<Disturbance> happened = new ArrayList<>();
    for (long seed = first; seed < first + FirePlan.SEEDS_FOR_ALL; seed++) {
      List<FirePlan.Step> steps = FirePlan.of(seed, all).steps();
      assertThat(steps).hasSizeBetween(2, 3);
      steps.forEach(step -> happened.add(step.disturbance()));
    }
    assertThat(happened).containsExactlyInAnyOrderElementsOf(all);
  }
}

package dev.millrace.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuTimeTest {

  private static final String STAT =
      "4242 (C2 (odd) name) S 1 2 3 0 -1 4194304 900 0 0 0 250 75 11 12 20 0 31 0 99 1000 5";

  @Test
  void readsUserAndSystemTimeBehindANameThatHoldsAnything() {
    assertThat(CpuTime.seconds(STAT)).isEqualTo(3.25);
    assertThat(CpuTime.name(STAT)).isEqualTo("C2 (odd) name");
  }

  @Test
  void thisProcessHasTakenTimeAndSoHaveItsThreads() {
    CpuTime time = CpuTime.of("benchmarks", ProcessHandle.current().pid());

    assertThat(time.total()).isPositive();
    assertThat(time.threads()).containsKey(ThreadKind.COMPILER);
  }

  @Test
  void tellsOfAProcessThatHasEnded() {
    assertThatThrownBy(() -> CpuTime.of("gone", Integer.MAX_VALUE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("gone, process 2147483647, has ended");
  }

  @Test
  void aDifferenceIsNeverNegativeWhereThreadsHaveEnded() {
    CpuTime before = new CpuTime(5, Map.of(ThreadKind.COMPILER, 3.0));
    CpuTime after = new CpuTime(8, Map.of(ThreadKind.COMPILER, 1.0, ThreadKind.STREAM, 2.0));

    assertThat(after.minus(before))
        .isEqualTo(new CpuTime(3, Map.of(ThreadKind.COMPILER, 0.0, ThreadKind.STREAM, 2.0)));
  }

  @Test
  void threadsAreToldByTheFirstFifteenCharactersOfTheirNames() {
    assertThat(ThreadKind.of("features-service", "features-servic")).isEqualTo(ThreadKind.STREAM);
    assertThat(ThreadKind.of("features-service", "kafka-producer-")).isEqualTo(ThreadKind.PRODUCER);
    assertThat(ThreadKind.of("scoring-service", "scoreProjection"))
        .isEqualTo(ThreadKind.PROJECTION);
    assertThat(ThreadKind.of("scoring-service", "GC Thread#1")).isEqualTo(ThreadKind.GARBAGE);
    assertThat(ThreadKind.of("scoring-service", "C2 CompilerThre")).isEqualTo(ThreadKind.COMPILER);
    assertThat(ThreadKind.of("kafka", "data-plane-kafk")).isEqualTo(ThreadKind.OTHER);
  }
}

package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {

  private static final Tuning TUNING =
      new Tuning() {
        @Override
        public List<String> jvm(String process) {
          return List.of("-Dtuned=" + process);
        }

        @Override
        public List<String> arguments(String service) {
          return List.of("--tuned=" + service);
        }
      };

  @TempDir private Path work;

  private Programs programs(Tuning tuning) {
    Home home = Homes.in(work);
    return new Programs(home, new Members(home, new Console(System.out, false)), tuning);
  }

  @Test
  void whatIsTunedStandsBehindTheUsualFlagsSoThatItWins() {
    List<String> kafka = programs(TUNING).kafka();

    assertThat(kafka).containsSubsequence("-Xmx256m", "-Dtuned=kafka", "-cp");
  }

  @Test
  void aServiceIsGivenItsFlagsAndItsArguments() {
    List<String> features = programs(TUNING).service(Service.FEATURES);

    assertThat(features).containsSubsequence("-Xmx256m", "-Dtuned=features-service", "-jar");
    assertThat(features).endsWith("--tuned=features-service");
  }

  @Test
  void withoutTuningNothingIsAdded() {
    List<String> features = programs(Tuning.NONE).service(Service.FEATURES);

    assertThat(features).hasSize(programs(TUNING).service(Service.FEATURES).size() - 2);
  }
}

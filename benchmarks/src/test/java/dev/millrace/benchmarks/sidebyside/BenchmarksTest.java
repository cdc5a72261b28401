package dev.millrace.benchmarks.sidebyside;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class BenchmarksTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter said = new StringWriter();

  private int run(String... arguments) {
    return Benchmarks.commandLine(new PrintStream(out, true, UTF_8))
        .setOut(new PrintWriter(said, true))
        .setErr(new PrintWriter(said, true))
        .execute(arguments);
  }

  @Test
  void helpNamesEveryMeasurement() {
    assertThat(run("--help")).isZero();
    assertThat(said.toString())
        .contains(
            Arrays.stream(Measurement.values()).map(Measurement::argument).toArray(String[]::new));
  }

  @Test
  void refusesAMeasurementThatThereIsNot() {
    assertThat(run("chains")).isEqualTo(2);
    assertThat(said.toString().lines())
        .singleElement()
        .asString()
        .startsWith("benchmarks/run: There is no measurement chains; there are chain, features,")
        .endsWith(". See benchmarks/run --help");
  }

  @Test
  void comparisonsRunWithTheShippedSettings() {
    Properties settings = StreamsSettings.shipped();

    assertThat(settings)
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("commit.interval.ms", "100")
        .doesNotContainKey("state.dir");
  }

  @Test
  void whatAProgramMeasuredIsReadFromItsOutput() {
    String lines = "A warning%n%s%n".formatted(Programs.text(Map.of("cpu", 1.25, "wall", 3e-7)));

    ByName<Double> result = Programs.result(lines).orElseThrow();

    assertThat(result.names()).containsExactly("cpu", "wall");
    assertThat(result.get("cpu")).isEqualTo(1.25);
    assertThat(result.get("wall")).isEqualTo(3e-7);
    assertThat(Programs.result("A warning")).isEmpty();
  }

  @Test
  void threadsThatDifferByNumbersAreOfAKind() {
    assertThat(Profile.kind("features-service-0f8fad5b-d9cb-469f-a165-70867728950e-StreamThread-1"))
        .isEqualTo("features-service-*-StreamThread-*");
  }

  @Test
  void aProfileCountsByTheFirstPartsOfAPackage() {
    assertThat(Profile.packageOf("org.apache.kafka.streams.processor.internals.StreamTask"))
        .isEqualTo("org.apache.kafka.streams");
    assertThat(Profile.packageOf("dev.millrace.Some")).isEqualTo("dev.millrace");
    assertThat(Profile.packageOf("Nameless")).isEqualTo("Nameless");
  }
}

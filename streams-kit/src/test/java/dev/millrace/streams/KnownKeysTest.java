package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class KnownKeysTest {

  @TempDir private Path folder;

  /** A service without a topology; not annotated, so that no other test finds it by scanning. */
  @EnableConfigurationProperties(MillraceProperties.class)
  static class Service {

    @Bean
    static KnownKeys knownKeys(Environment environment) {
      return new KnownKeys(environment);
    }
  }

  private static MillraceProperties start(
      Map<String, Object> variables, Map<String, Object> systemProperties, String... arguments) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
            new MapPropertySource(
                StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, systemProperties));
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Service.class)
            .web(WebApplicationType.NONE)
            .environment(environment)
            .properties("spring.config.import=classpath:millrace-streams.yml")
            .run(arguments)) {
      return context.getBean(MillraceProperties.class);
    }
  }

  private static MillraceProperties startWith(String... arguments) {
    return start(Map.of(), Map.of("java.io.tmpdir", "/tmp"), arguments);
  }

  @Test
  void takesWhatARecordBindsAndWhatTheServiceItselfSets() {
    assertThat(startWith("--millrace.bootstrapServers=a:1", "--millrace.state-dir=/tmp/x"))
        .extracting(MillraceProperties::bootstrapServers)
        .isEqualTo("a:1");
  }

  @Test
  void namesEveryUnknownArgumentAndTheNearestKeyAndNoValue() {
    assertThatThrownBy(
            () ->
                startWith(
                    "--millrace.bootstrapservers-typo=secret", "--millrace.ingest.max-body=1B"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("millrace.bootstrapservers-typo")
        .hasMessageContaining("commandLineArgs")
        .hasMessageContaining("the nearest known key is millrace.bootstrap-servers")
        .hasMessageContaining("millrace.ingest.max-body")
        .hasMessageNotContaining("secret");
  }

  @Test
  void refusesAnUnknownKeyInAnOperatorsFileAndSaysWhere() throws IOException {
    Path file = Files.writeString(folder.resolve("more.yml"), "millrace:\n  state-dirs: /tmp/x\n");

    assertThatThrownBy(() -> startWith("--spring.config.additional-location=file:" + file))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("millrace.state-dirs")
        .hasMessageContaining(file + "] - 2:15")
        .hasMessageContaining("the nearest known key is millrace.state-dir");
  }

  @Test
  void refusesAnUnknownSystemProperty() {
    assertThatThrownBy(() -> start(Map.of(), Map.of("millrace.start-timeouts", "1s")))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("millrace.start-timeouts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MILLRACE_BOOTSTRAP_SERVERS", "MILLRACE_BOOTSTRAPSERVERS"})
  void takesAVariableInBothWaysOfWritingADash(String variable) {
    assertThat(start(Map.of(variable, "a:1"), Map.of("java.io.tmpdir", "/tmp")).bootstrapServers())
        .isEqualTo("a:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MILLRACE_BOOTSTRAP_SERVER", "MILLRACE_BOOT_STRAP_SERVERS"})
  void refusesAnUnknownVariable(String variable) {
    assertThatThrownBy(() -> start(Map.of(variable, "a:1"), Map.of()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(variable)
        .hasMessageContaining("the nearest known key is millrace.bootstrap-servers");
  }

  @Test
  void passesOverWhatTheCommandLineAndCiHandDown() {
    assertThat(
            start(
                Map.of("MILLRACE_CI", "/tmp", "MILLRACE_STARTED_AT", "1", "MILLRACE_DATA", "/d"),
                Map.of("java.io.tmpdir", "/tmp", "millrace.data", "/d")))
        .isNotNull();
    assertThatThrownBy(() -> startWith("--millrace.data=/d"))
        .as("nobody inherits an argument")
        .isInstanceOf(StartupException.class);
  }

  @Test
  void aServiceAsksForItsKeysBeforeAnythingElse() {
    assertThatThrownBy(
            () ->
                SpringApplication.run(
                    EchoApplication.class,
                    "--spring.profiles.active=echo",
                    "--server.port=0",
                    "--millrace.bootstrap-servers=nowhere:1",
                    "--millrace.instance=x"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("millrace.instance ")
        .hasMessageContaining("the nearest known key is millrace.instance-id");
  }
}

package dev.millrace.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.LocalBroker;
import dev.millrace.servers.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ConfigurableApplicationContext;

/** How any service starts, runs and ends. */
class StreamsKitIT {

  private static final Duration SOON = Duration.ofSeconds(60);

  private final Surroundings surroundings = Surroundings.shared();
  @TempDir private Path folder;

  private static HttpResponse<String> get(String port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private ChildProcess process(String... more) {
    return EchoApplication.process(folder.resolve("echo.log"), more);
  }

  @Test
  void aServiceIsReadyWhenItsTopologyRunsAndOnlyShowsWhatOperatorsNeed() throws Exception {
    long activation = surroundings.activateBundledSource("default");
    try (ConfigurableApplicationContext context =
        SpringApplication.run(
            EchoApplication.class,
            surroundings.arguments(
                "--spring.profiles.active=echo", "--millrace.instance-id=ready"))) {
      String port = context.getEnvironment().getProperty("local.server.port");

      await().atMost(SOON).until(() -> get(port, "/actuator/health/readiness").statusCode() == 200);

      assertThat(get(port, "/actuator/health/readiness").body()).contains("RUNNING");
      assertThat(get(port, "/actuator/health/liveness").statusCode()).isEqualTo(200);
      assertThat(get(port, "/actuator/prometheus").body()).contains("millrace_activations_offset");
      assertThat(get(port, "/actuator/env").statusCode()).isEqualTo(404);
      ActiveSources sources = context.getBean(ActiveSources.class);
      SourceMapping mapping = sources.find("default", activation);
      assertThat(mapping).isNotNull();
      assertThat(sources.find("default", activation)).isSameAs(mapping);
      assertThat(sources.find("unheard-of", activation)).isNull();
      assertThat(sources.lastKnown()).isGreaterThanOrEqualTo(activation);
    }
  }

  @Test
  void aProcessWhoseStreamThreadDiesEndsAndSaysSo() throws Exception {
    try (ChildProcess service =
        process(
            "--spring.cloud.stream.kafka.streams.binder.functions.echo.application-id=echo-dies",
            "--spring.cloud.stream.bindings.echo-in-0.destination=scores",
            "--millrace.instance-id=dies")) {
      surroundings.send(Topics.SCORES, "k", "die".getBytes(UTF_8));

      assertThat(service.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(70);
      assertThat(Files.readString(service.log())).contains("A stream thread died");
    }
  }

  @Test
  void aTermSignalEndsItCleanly() throws Exception {
    String port = Integer.toString(Ports.free());
    try (ChildProcess service =
        process(
            "--server.port=" + port,
            "--spring.cloud.stream.kafka.streams.binder.functions.echo.application-id=echo-term",
            "--spring.cloud.stream.bindings.echo-in-0.destination=events.raw",
            "--millrace.instance-id=term")) {
      service.awaitReady(SOON, () -> isReady(port));

      int exit = service.terminate(Duration.ofSeconds(20));

      assertThat(exit).as("128 + SIGTERM").isEqualTo(143);
      assertThat(Files.readString(service.log())).contains("RUNNING to PENDING_SHUTDOWN");
    }
  }

  private static boolean isReady(String port) {
    try {
      return get(port, "/actuator/health/readiness").statusCode() == 200;
    } catch (java.io.IOException e) {
      return false;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aMissingTopicEndsTheStartWithOneClearMessage() throws Exception {
    try (LocalBroker empty = LocalBroker.start(folder.resolve("kafka"));
        ChildProcess service =
            process("--millrace.bootstrap-servers=" + empty.bootstrapServers())) {

      assertThat(service.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(Files.readString(service.log()))
          .contains("APPLICATION FAILED TO START")
          .contains("Topics are missing: activations, events.duplicates, events.inbound.")
          .contains("Create them");
    }
  }

  @Test
  void aBrokerMayBeGivenLessTimeThanKafkaGivesARequest() {
    assertThatThrownBy(
            () ->
                SpringApplication.run(
                    EchoApplication.class,
                    surroundings.arguments(
                        "--spring.profiles.active=echo",
                        "--millrace.bootstrap-servers=127.0.0.1:" + Ports.free(),
                        "--millrace.start-timeout=2s")))
        .hasStackTraceContaining("Kafka did not answer within 2 s");
  }

  @Test
  void aRegistryThatStaysAwayIsToldAsSuch() {
    SchemaRegistry nobody =
        new SchemaRegistry("http://127.0.0.1:" + Ports.free(), Duration.ofMillis(500));

    assertThatThrownBy(() -> nobody.requireFullCompatibility("x-value"))
        .isInstanceOfSatisfying(
            SchemaRegistry.RegistryException.class,
            e -> {
              FailureAnalysis analysis = new RegistryFailureAnalyzer().analyze(e, e);
              assertThat(analysis.getDescription()).contains("the schema registry at");
              assertThat(analysis.getAction()).contains("millrace.registry-url");
            });
  }

  @Test
  void nonsenseInTheConfigurationIsRefused() {
    assertThatThrownBy(() -> new MillraceProperties("b", "ftp://r", SOON, folder, "i", SOON, SOON))
        .hasMessageContaining("must begin with http:// or https://");
    assertThatThrownBy(
            () -> new MillraceProperties("b", "http://r", SOON, folder, "i", SOON, Duration.ZERO))
        .hasMessageContaining("millrace.activation-timeout");
  }
}

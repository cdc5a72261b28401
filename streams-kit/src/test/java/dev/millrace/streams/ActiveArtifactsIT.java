package dev.millrace.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ActiveArtifactsIT {

  private final Surroundings surroundings = Surroundings.shared();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private ActiveArtifacts artifacts;
  private volatile boolean dead;

  @BeforeEach
  void start() {
    artifacts = start(Duration.ofMillis(200));
  }

  @AfterEach
  void stop() {
    artifacts.close();
  }

  private ActiveArtifacts start(Duration patience) {
    return ActiveArtifacts.start(
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                surroundings.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "none"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer()),
        surroundings.codec(Topics.ACTIVATIONS),
        Duration.ofSeconds(30),
        patience,
        metrics,
        () -> dead = true);
  }

  private static Activation web(int version) {
    return new Activation(Activation.SOURCE, "web", version, "a".repeat(64));
  }

  @Test
  void knowsAtItsStartWhatWasActivatedBefore() {
    long offset = surroundings.activate(web(1));

    try (ActiveArtifacts later = start(Duration.ofSeconds(1))) {
      assertThat(later.lastKnown()).isEqualTo(offset);
      assertThat(later.knownAt(offset).active("source", "web", offset)).contains(web(1));
    }
  }

  @Test
  void whoeverAsksForALaterActivationWaitsForItAndIsSaidToBeBehind() throws Exception {
    long next = surroundings.activate(web(1)) + 1;
    CompletableFuture<ActivationTimeline> waiting =
        CompletableFuture.supplyAsync(() -> artifacts.knownAt(next));

    await().atMost(Duration.ofSeconds(10)).until(artifacts::isBehind);
    assertThat(waiting).isNotDone();
    surroundings.activate(web(2));

    assertThat(waiting.get(10, TimeUnit.SECONDS).active("source", "web", next)).contains(web(2));
    assertThat(artifacts.isBehind()).isFalse();
    assertThat(artifacts.lastKnown()).isEqualTo(next);
  }

  @Test
  void aRecordThatIsNoActivationActivatesNothingAndIsCounted() {
    surroundings.send(Topics.ACTIVATIONS, "x", "nonsense".getBytes(UTF_8));
    byte[] badName =
        surroundings
            .<ActivationMessage>codec(Topics.ACTIVATIONS)
            .encode(
                new ActivationMessage(
                    "source",
                    "../x",
                    1,
                    "a".repeat(64),
                    "champion",
                    false,
                    "",
                    "",
                    "",
                    Instant.EPOCH));
    surroundings.send(Topics.ACTIVATIONS, "y", badName);
    long offset = surroundings.activate(web(3));

    assertThat(artifacts.knownAt(offset).active("source", "web", offset)).contains(web(3));
    assertThat(metrics.get("millrace.activations.unreadable").counter().count())
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void closingLetsGoWhoeverWaits() {
    CompletableFuture<ActivationTimeline> waiting =
        CompletableFuture.supplyAsync(() -> artifacts.knownAt(1_000_000));
    await().atMost(Duration.ofSeconds(10)).until(artifacts::isBehind);

    artifacts.close();

    assertThat(dead).as("a closed log is not a dead one").isFalse();
    assertThatThrownBy(waiting::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ActivationsUnavailableException.class);
  }
}

package dev.millrace.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.core.Activation;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import dev.millrace.streams.Surroundings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A key that is not the contract's is no event's fault. */
class PiiKeyIT {

  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final Surroundings surroundings = Surroundings.shared();

  private static ChildProcess process(Path log, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CleansingApplication.class.getName()));
    command.addAll(List.of(arguments));
    return ChildProcess.start("cleansing", log, ChildProcess.java(command));
  }

  private void assertStops(String keys, String... said) throws Exception {
    Path log = folder.resolve(keys + ".log");
    try (ChildProcess service =
        process(
            log,
            surroundings.arguments(
                "--millrace.cleansing.pii-keys=" + folder.resolve(keys),
                "--millrace.state-dir=" + folder.resolve("state")))) {
      assertThat(service.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(70);
    }
    assertThat(Files.readString(log)).contains(said).doesNotContain("is quarantined");
  }

  private void write(String keys, String secret) throws IOException {
    Path file = Files.createDirectory(folder.resolve(keys)).resolve("local");
    Files.writeString(file, secret);
  }

  private long quarantined() {
    return surroundings.<QuarantinedEventMessage>messages(Topics.QUARANTINED).stream()
        .filter(message -> "keyless".equals(message.getIngestId()))
        .count();
  }

  private void send(long activation) {
    String payload =
        """
        {"user_id": "keyless", "event_id": "keyless-1", "event_time": "2026-01-01T11:59:00Z", "event_type": "view", "email": "someone@example.org"}""";
    surroundings.send(
        Topics.RAW,
        "keyless",
        surroundings
            .codec(Topics.RAW)
            .encode(
                RawEventMessage.newBuilder()
                    .setIngestId("keyless")
                    .setSource("default")
                    .setContentType(ContentType.JSON)
                    .setPayload(ByteBuffer.wrap(payload.getBytes(UTF_8)))
                    .setReceivedAt(Instant.parse("2026-01-01T12:00:00Z"))
                    .setActivationOffset(activation)
                    .build()));
  }

  @Test
  void aMissingShortOrWrongKeyStopsTheServiceAndTheRightOneLetsItGoOn() throws Exception {
    surroundings.activateBundledSource("default");
    send(surroundings.activateBundledContract());
    write("short", "too short");
    write("wrong", "another key, which has more than thirty-two characters");

    assertStops("missing", "The contract's key is not at", "correct millrace.cleansing.pii-keys");
    assertStops("short", "has 9 bytes and needs 32");
    assertStops("wrong", "is not the one that the contract names");
    assertThat(quarantined()).isZero();

    try (ConfigurableApplicationContext service =
        SpringApplication.run(
            CleansingApplication.class,
            surroundings.arguments(
                "--millrace.cleansing.pii-keys="
                    + Path.of("../local/pii-keys").toAbsolutePath().normalize()))) {
      await()
          .atMost(SOON)
          .until(
              () ->
                  surroundings.<CleanEventMessage>messages(Topics.CLEAN).stream()
                      .filter(message -> message.getEventId().equals("keyless-1"))
                      .count(),
              count -> count == 1);
      assertThat(service.isRunning()).isTrue();
    }
    assertThat(quarantined()).isZero();
    // Other tests begin with a log on which no contract is active.
    surroundings.activate(
        new Activation(
            Activation.CONTRACT, "user-activity", 1, "0".repeat(64), Activation.CHAMPION, true));
  }
}

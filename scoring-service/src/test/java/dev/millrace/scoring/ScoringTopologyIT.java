package dev.millrace.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.ActiveArtifacts;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.Surroundings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is an outcome, and what ends the thread instead. */
class ScoringTopologyIT {

  private static final AtomicInteger VERSIONS = new AtomicInteger();
  private static final FeatureSet SET =
      FeatureSetDeclaration.compile("bundled", Surroundings.bundledFeatureSet()).set();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String NAME = "of-this-test";

  private final Surroundings surroundings = Surroundings.shared();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final MessageCodec<FeatureVectorMessage> vectors = surroundings.codec(Topics.FEATURES);
  private final MessageCodec<QuarantinedEventMessage> quarantined =
      surroundings.codec(Topics.QUARANTINED);
  private ActiveArtifacts artifacts;
  private ActiveModels models;
  private TopologyTestDriver driver;
  private TestOutputTopic<String, byte[]> scores;
  private TestOutputTopic<String, byte[]> rejects;

  @BeforeEach
  @SuppressWarnings("unchecked")
  void start() {
    surroundings.activateBundledFeatureSet();
    artifacts =
        ActiveArtifacts.start(
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", surroundings.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer()),
            surroundings.codec(Topics.ACTIVATIONS),
            PATIENCE,
            PATIENCE,
            metrics,
            () -> {});
    models =
        new ActiveModels(
            artifacts, surroundings.artifacts(), new ActiveFeatureSets(surroundings.artifacts()));
    ScoringMessages messages = ScoringMessages.registered(surroundings.registry());
    Quarantine quarantine = new Quarantine("scoring", surroundings.registry(), metrics);
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, byte[]>[] out =
        new ScoringTopology(
                () ->
                    new ScoringProcessor(
                        models, messages, quarantine, surroundings.topicIds(), metrics))
            .apply(
                builder.stream(
                    Topics.FEATURES.name(), Consumed.with(Serdes.String(), Serdes.ByteArray())));
    out[0].to(Topics.SCORES.name(), Produced.with(Serdes.String(), Serdes.ByteArray()));
    out[1].to(Topics.QUARANTINED.name(), Produced.with(Serdes.String(), Serdes.ByteArray()));
    Properties unused = new Properties();
    unused.put(StreamsConfig.APPLICATION_ID_CONFIG, "scoring");
    unused.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
    driver = new TopologyTestDriver(builder.build(), unused);
    scores =
        driver.createOutputTopic(
            Topics.SCORES.name(), new StringDeserializer(), new ByteArrayDeserializer());
    rejects =
        driver.createOutputTopic(
            Topics.QUARANTINED.name(), new StringDeserializer(), new ByteArrayDeserializer());
  }

  @AfterEach
  void stop() {
    driver.close();
    models.close();
    artifacts.close();
  }

  /** In force at this one offset of the log, which other tests read as well. */
  private long activateOnce(String sha256) {
    int version = VERSIONS.incrementAndGet(); // one that was given to other bytes activates nothing
    long offset = surroundings.activate(new Activation(Activation.MODEL, NAME, version, sha256));
    surroundings.activate(
        new Activation(Activation.MODEL, NAME, version, sha256, Activation.CHAMPION, true));
    return offset;
  }

  private void pipe(long activationOffset) {
    FeatureVector vector =
        new FeatureVector(
            "ann",
            "e-1",
            "view",
            Instant.EPOCH,
            Instant.EPOCH,
            false,
            new Origin("raw-topic", 1, 7),
            activationOffset,
            SET.name(),
            SET.version(),
            SET.sha256(),
            Collections.nCopies(SET.columnNames().size(), 1L));
    driver
        .createInputTopic(Topics.FEATURES.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("ann", vectors.encode(Messages.vector(vector)));
  }

  private List<String> reasonsWhyThisModelRefused() {
    return rejects.readValuesToList().stream()
        .map(value -> quarantined.decode(value).message())
        .filter(message -> NAME.equals(message.getModel()))
        .map(message -> message.getViolations().get(0).getMessage())
        .toList();
  }

  private static Map<String, byte[]> bundledModel() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths =
        Files.list(Path.of("..", "schemas", "models", "activity-bootstrap"))) {
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"no json", "{}", "{\"files\": []}", "{\"files\": {\"MLmodel\": \"no hash\"}}"})
  void anArtifactThatIsNoSetOfFilesIsAnOutcomeForItsBytesDecide(String artifact) {
    pipe(activateOnce(surroundings.artifacts().put(artifact.getBytes(UTF_8))));

    assertThat(reasonsWhyThisModelRefused())
        .singleElement()
        .asString()
        .matches(".*model/of-this-test@\\d+ can't be used: its artifact is one file.*");
  }

  @Test
  void aFileThatTheStoreHasLostEndsTheThread() throws Exception {
    ArtifactStore store = surroundings.artifacts();
    Map<String, byte[]> files = bundledModel();
    files.put("notes", "nobody else has these bytes".getBytes(UTF_8));
    long activation = activateOnce(store.putFiles(files));
    Files.delete(Path.of(store.uri(store.put(files.get("notes")))));

    assertThatThrownBy(() -> pipe(activation)).hasStackTraceContaining("is not in");
    assertThat(rejects.isEmpty()).isTrue();
  }

  @Test
  void aMachineThatScoresGoldenVectorsOtherwiseEndsTheThread() throws Exception {
    Map<String, byte[]> files = bundledModel();
    String golden = new String(files.get("golden.json"), UTF_8);
    files.put(
        "golden.json",
        golden.replaceAll("(\"probability\": *)[0-9.]+", "$10.123456789").getBytes(UTF_8));
    long activation = activateOnce(surroundings.artifacts().putFiles(files));

    assertThatThrownBy(() -> pipe(activation))
        .hasStackTraceContaining(
            "model/of-this-test@%d passed its golden vectors".formatted(VERSIONS.get()));
    assertThat(scores.isEmpty()).isTrue();
    assertThat(rejects.isEmpty()).isTrue();
  }
}

package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schema.ViolationMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin in real workers, with the connectors that come with it. */
class DeltaSinkConnectorIT {

  private static final Path CONNECTORS = Path.of("connectors");
  private static final Instant AT = Instant.parse("2026-01-05T12:00:00.000001Z");
  private static final int MONDAY = 20_458; // 2026-01-05
  private static final OriginMessage ORIGIN = new OriginMessage("id-of-raw", 1, 7L);

  private final Surroundings surroundings = Surroundings.shared();
  private final List<ConnectWorker> workers = new CopyOnWriteArrayList<>();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    workers.forEach(ConnectWorker::close);
  }

  private ConnectWorker worker(String group) {
    ConnectWorker worker =
        ConnectWorker.start(
            surroundings,
            group,
            folder,
            Map.of(
                "MILLRACE_BOOTSTRAP_SERVERS", surroundings.bootstrapServers(),
                "MILLRACE_REGISTRY_URL", surroundings.registryUrl(),
                "MILLRACE_LAKE_URI", folder.resolve("lake").toUri().toString()));
    workers.add(worker);
    return worker;
  }

  private Path table(String name) {
    return folder.resolve("lake").resolve(name);
  }

  private static List<Path> connectors() throws Exception {
    try (Stream<Path> files = Files.list(CONNECTORS)) {
      return files.sorted().toList();
    }
  }

  @Test
  void theConnectorsThatComeWithItLandEveryTopicAndTellWhatCannotBe() throws Exception {
    Map<Topics.Topic, SpecificRecord> messages = messages();
    for (Topics.Topic topic : messages.keySet()) {
      surroundings.createTopic(topic.name(), 2);
    }
    ConnectWorker worker = worker("all");

    assertThat(
            worker.problems(
                Map.of(
                    "connector.class", DeltaSinkConnector.class.getName(),
                    "errors.tolerance", "all",
                    "topics", "scores")))
        .containsKeys(
            "lake.uri",
            "registry.url",
            "date.field",
            "consumer.override.isolation.level",
            "errors.deadletterqueue.topic.name");
    for (Path connector : connectors()) {
      assertThat(worker.create(connector, Map.of("flush.interval.ms", "200"))).isEqualTo(201);
    }
    messages.forEach((topic, message) -> send(topic, message));
    surroundings.sendRaw("scores", "no avro".getBytes(StandardCharsets.UTF_8));

    for (Topics.Topic topic : messages.keySet()) {
      Path table = table(Topics.table(topic.name()));
      await(topic.name())
          .atMost(Duration.ofSeconds(120))
          .until(() -> TableReader.exists(table) && TableReader.rows(table).size() == 1);
    }
    Map<String, Object> raw = TableReader.rows(table("events_raw")).get(0);
    assertThat(raw)
        .containsEntry("kafka_key", "you")
        .containsEntry("received_date", MONDAY)
        .containsEntry("payload", "{ }".getBytes(StandardCharsets.UTF_8))
        .containsEntry("received_at", 1_767_614_400_000_001L);
    assertThat(TableReader.rows(table("features_user_activity")).get(0))
        .containsEntry("event_date", MONDAY);
    assertThat(deadLetter())
        .contains("Record at scores-0")
        .contains("does not begin with a zero byte");
  }

  private <T extends SpecificRecord> void send(Topics.Topic topic, T message) {
    MessageCodec<T> codec =
        MessageCodec.registered(
            new SchemaRegistry(surroundings.registryUrl(), Duration.ofSeconds(10)), topic);
    try (KafkaProducer<byte[], byte[]> producer = surroundings.producer("messages")) {
      producer.beginTransaction();
      producer.send(
          new ProducerRecord<>(
              topic.name(), 0, "you".getBytes(StandardCharsets.UTF_8), codec.encode(message)));
      producer.commitTransaction();
    }
  }

  /** The reason in the headers of the first dead letter. */
  private String deadLetter() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", surroundings.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = List.of(new TopicPartition("dead-letters.delta-sink", 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
      await()
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
                return !found.isEmpty();
              });
      return new String(
          found.get(0).headers().lastHeader("__connect.errors.exception.message").value(),
          StandardCharsets.UTF_8);
    }
  }

  @Test
  void killedAndSleepingWorkersLandEachRecordOnce() throws Exception {
    String topic = "test.fire";
    int partitions = 4;
    surroundings.createTopic(topic, partitions);
    Path table = table("test_fire");
    ConnectWorker first = worker("fire");
    CompletableFuture<ConnectWorker> next = CompletableFuture.supplyAsync(() -> worker("fire"));
    assertThat(
            first.create(
                CONNECTORS.resolve("events-clean.json"),
                Map.of(
                    "name", "fire",
                    "topics", topic,
                    "date.field", "at",
                    "tasks.max", "2",
                    "flush.interval.ms", "100",
                    "consumer.override.session.timeout.ms", "6000",
                    "consumer.override.heartbeat.interval.ms", "1000")))
        .isEqualTo(201);
    surroundings.send(topic, partitions, 0, 200);
    awaitRows(table, 1);

    first.process().kill();
    ConnectWorker second = next.join();
    next = CompletableFuture.supplyAsync(() -> worker("fire"));
    surroundings.send(topic, partitions, 200, 400);
    awaitRows(table, 400);

    next.join();
    second.process().suspend();
    surroundings.send(topic, partitions, 400, 600);
    // The group waits until the sleeper has missed its session; then the third has it all.
    awaitRows(table, 600);
    second.process().resume();
    surroundings.send(topic, partitions, 600, 800);
    awaitRows(table, 800);

    List<Map<String, Object>> rows = TableReader.rows(table);
    assertThat(rows)
        .extracting(row -> row.get("kafka_partition") + "-" + row.get("kafka_offset"))
        .doesNotHaveDuplicates();
    assertThat(rows.stream().map(row -> (String) row.get("id")).sorted().toList())
        .isEqualTo(IntStream.range(0, 800).mapToObj(id -> "e-" + id).sorted().toList());
  }

  private void awaitRows(Path table, int count) {
    await(count + " rows")
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> TableReader.exists(table) && TableReader.rows(table).size() >= count);
  }

  private static Map<Topics.Topic, SpecificRecord> messages() {
    RawEventMessage raw = new RawEventMessage();
    raw.setIngestId("i");
    raw.setSource("default");
    raw.setContentType("application/json");
    raw.setPayload(ByteBuffer.wrap("{ }".getBytes(StandardCharsets.UTF_8)));
    raw.setReceivedAt(AT);
    raw.setActivationOffset(3L);
    CleanEventMessage clean = new CleanEventMessage();
    clean.setUserId("you");
    clean.setEventId("e");
    clean.setEventIdDerived(false);
    clean.setEventTime(AT);
    clean.setReceivedAt(AT);
    clean.setProcessingDate(java.time.LocalDate.of(2026, 1, 5));
    clean.setLate(false);
    clean.setEventType("purchase");
    clean.setAttributes(Map.of("plan", "gold", "seats", 4L));
    clean.setFlags(List.of("value_micros:OUTLIER_BOUNDS"));
    clean.setSource("default");
    clean.setOrigin(ORIGIN);
    clean.setActivationOffset(3L);
    clean.setMappingSha256("m");
    clean.setContractSha256("c");
    clean.setLookups(Map.of("geo/ip", "g"));
    List<Object> values = Arrays.asList(1L, 0.5, true, "x", null, List.of("DE", "FR"));
    return Map.of(
        Topics.RAW,
        raw,
        Topics.CLEAN,
        clean,
        Topics.DUPLICATES,
        DuplicateEventMessage.newBuilder()
            .setUserId("you")
            .setEventId("e")
            .setEventTime(AT)
            .setReceivedAt(AT)
            .setSource("default")
            .setOrigin(ORIGIN)
            .setFirstOrigin(ORIGIN)
            .setActivationOffset(3)
            .setMappingSha256("m")
            .setContractSha256("c")
            .build(),
        Topics.QUARANTINED,
        QuarantinedEventMessage.newBuilder()
            .setStage("cleansing")
            .setViolations(List.of(new ViolationMessage("WRONG_TYPE", "value", "is no number")))
            .setPayloadSha256("p")
            .setPayloadBytes(3)
            .setOrigin(ORIGIN)
            .setActivationOffset(3)
            .build(),
        Topics.FEATURES,
        FeatureVectorMessage.newBuilder()
            .setUserId("you")
            .setEventId("e")
            .setEventType("purchase")
            .setAsOf(AT)
            .setReceivedAt(AT)
            .setLate(false)
            .setFeatureSet("user-activity")
            .setFeatureSetVersion(1)
            .setFeatureSetSha256("f")
            .setValues(values)
            .setVectorSha256("v")
            .setOrigin(ORIGIN)
            .setActivationOffset(3)
            .build(),
        Topics.SCORES,
        ScoreMessage.newBuilder()
            .setUserId("you")
            .setEventId("e")
            .setEventTime(AT)
            .setReceivedAt(AT)
            .setScore(0.25)
            .setDecision(false)
            .setThreshold(0.5)
            .setModel("m")
            .setModelVersion(1)
            .setModelSha256("s")
            .setShadow(false)
            .setFeatureSet("user-activity")
            .setFeatureSetVersion(1)
            .setFeatureSetSha256("f")
            .setVectorSha256("v")
            .setVector(values)
            .setContributions(Map.of("(intercept)", -1.5))
            .setOrigin(ORIGIN)
            .setActivationOffset(3)
            .build());
  }
}

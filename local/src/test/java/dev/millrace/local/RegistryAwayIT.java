package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schema.ViolationMessage;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import dev.millrace.schemas.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The schema registry is away, in each way in which it can be, while events flow that need it. No
 * service ends, no good event is quarantined for it, and each comes to what it had to.
 */
class RegistryAwayIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Three times as long as a transaction of Kafka Streams may take: what was under way is undone
   * and done again.
   */
  private static final Duration AWAY = Duration.ofSeconds(30);

  private static final Duration STILL = Duration.ofMillis(500);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** What cleansing, features and scoring read. */
  private static final List<Topics.Topic> READ_BY_STAGES =
      List.of(Topics.RAW, Topics.CLEAN, Topics.FEATURES);

  private static Stack stack;
  private static TracedShop early;
  private static List<Service> readyWithoutIt;

  /** It is away when the services start, and events are there already. */
  @BeforeAll
  static void startWithoutTheRegistry() {
    stack =
        Stack.claim(
            Homes.in(Path.of("target", "registry-away").toAbsolutePath()),
            new Console(System.out, false));
    stack.startServers();
    early = new TracedShop(stack, "early-", 13, 1_000);
    early.sendHalfAsAvro(500);

    stack.killRegistry();
    CompletableFuture<Void> starting = CompletableFuture.runAsync(stack::startServices);
    await().atMost(PATIENCE).until(RegistryAwayIT::allStandBeforeTheRegistry);
    readyWithoutIt = Stream.of(Service.values()).filter(RegistryAwayIT::isReady).toList();
    stack.restartRegistry();
    starting.join();
  }

  @AfterAll
  static void stop() {
    try {
      early.close();
      // Says that no process has ended but those that were killed here.
      assertThat(stack.failure()).isNotDone();
    } finally {
      stack.close();
    }
  }

  @Test
  void hungForThirtySecondsItHoldsUpWhatNeedsItAndNothingElse() throws Exception {
    try (TracedShop shop = new TracedShop(stack, "hung-", 11, 3_000)) {
      shop.send(500);
      awaitScore("patient", "e-0");
      assertThat(shop.standing(PATIENCE).isComplete()).isTrue();

      shop.send(1_000);
      signalRegistry("STOP");
      long hungAt = System.nanoTime();
      Trace.Outcome meanwhile;
      try {
        shop.sendHalfAsAvro(1_000);
        int posted = 0;
        while (System.nanoTime() - hungAt < AWAY.toNanos()) {
          awaitScore("patient", "e-" + ++posted);
        }
        System.out.printf("%d events came through by HTTP while the registry hung%n", posted);
        assertThat(standsBeforeTheRegistry(Service.INGEST)).isTrue();
        meanwhile = shop.standing(STILL);
      } finally {
        signalRegistry("CONT");
      }
      shop.sendHalfAsAvro(500);

      assertThat(meanwhile.published() - meanwhile.raw()).isGreaterThan(300);
      shop.assertAllAsExpected();
    }
    assertNoneQuarantinedBehindCleansing();
  }

  @Test
  void killedAndStartedAgainEveryServiceWaitsForASchemaThatItHasNotSeen() throws Exception {
    try (TracedShop shop = new TracedShop(stack, "killed-", 12, 1_500);
        Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      shop.send(500);
      List<ProducerRecord<byte[], byte[]>> grown = new ArrayList<>();
      for (Topics.Topic topic : READ_BY_STAGES) {
        awaitScore("grown-" + topic.name(), "e-1");
        grown.add(grown(topic, "grown-" + topic.name()));
      }

      stack.killRegistry();
      shop.sendHalfAsAvro(500);
      grown.forEach(producer::send);
      producer.flush();
      await().atMost(PATIENCE).until(RegistryAwayIT::allStandBeforeTheRegistry);
      stack.restartRegistry();
      shop.sendHalfAsAvro(500);

      shop.assertAllAsExpected();
    }
    for (Topics.Topic topic : READ_BY_STAGES) {
      await().atMost(PATIENCE).until(() -> scored("grown-" + topic.name()).size() == 2);
      assertThat(scored("grown-" + topic.name())).containsExactly("e-1", "e-2");
    }
    assertNoneQuarantinedBehindCleansing();
  }

  @Test
  void awayAtTheStartItIsWaitedFor() {
    assertThat(readyWithoutIt).isEmpty();
    early.sendHalfAsAvro(500);

    early.assertAllAsExpected();
    assertNoneQuarantinedBehindCleansing();
  }

  @Test
  void aSchemaThatDoesNotFitIsRefusedAndAnEventByOneAllTheSameIsQuarantined() throws Exception {
    Schema foreign =
        SchemaBuilder.record("RawEventMessage")
            .namespace("dev.millrace.schema")
            .fields()
            .requiredLong("ingest_id")
            .endRecord();
    assertThatThrownBy(() -> stack.registry().register(Topics.RAW.subject(), foreign))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("answers 409");

    int forced = stack.registry().register("forced", foreign);
    GenericRecord record = new GenericRecordBuilder(foreign).set("ingest_id", 1L).build();
    RecordMetadata at;
    try (Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      at =
          producer
              .send(
                  new ProducerRecord<>(Topics.RAW.name(), null, TracedShop.framed(forced, record)))
              .get();
    }
    awaitScore("after-the-foreigner", "e-1");

    await().atMost(PATIENCE).until(() -> quarantined(at).size() == 1);
    assertThat(quarantined(at).get(0).getViolations())
        .extracting(ViolationMessage::getRule)
        .containsExactly("AVRO_MALFORMED");
  }

  private static List<QuarantinedEventMessage> quarantined(RecordMetadata at) {
    return TopicReader.<QuarantinedEventMessage>messages(stack, Topics.QUARANTINED).stream()
        .filter(
            event ->
                event.getOrigin().getPartition() == at.partition()
                    && event.getOrigin().getOffset() == at.offset())
        .toList();
  }

  private static void assertNoneQuarantinedBehindCleansing() {
    assertThat(
            TopicReader.<QuarantinedEventMessage>messages(stack, Topics.QUARANTINED).stream()
                .filter(event -> !event.getStage().equals(Counts.CLEANSING)))
        .isEmpty();
  }

  /**
   * The next event of a user on a topic between services, written by the topic's schema of
   * tomorrow, which has one field more.
   */
  private static ProducerRecord<byte[], byte[]> grown(Topics.Topic topic, String user)
      throws IOException {
    Schema today = topic.schema();
    List<Schema.Field> fields = new ArrayList<>();
    today.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    fields.add(
        new Schema.Field(
            "of_tomorrow",
            Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING)),
            "Not thought of yet.",
            Schema.Field.NULL_DEFAULT_VALUE));
    Schema tomorrow =
        Schema.createRecord(today.getName(), today.getDoc(), today.getNamespace(), false, fields);
    int id = stack.registry().register(topic.subject(), tomorrow);

    ConsumerRecord<byte[], byte[]> first =
        TopicReader.records(stack, topic).stream()
            .filter(record -> Arrays.equals(record.key(), user.getBytes(UTF_8)))
            .findFirst()
            .orElseThrow();
    byte[] value = first.value();
    GenericRecord next =
        new GenericDatumReader<GenericRecord>(today, tomorrow)
            .read(null, DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null));
    next.put("of_tomorrow", "here");
    if (topic.equals(Topics.RAW)) {
      next.put("payload", ByteBuffer.wrap(event(user, "e-2").getBytes(UTF_8)));
    } else {
      next.put("event_id", "e-2");
    }
    return new ProducerRecord<>(topic.name(), first.key(), TracedShop.framed(id, next));
  }

  private static List<String> scored(String user) {
    return TopicReader.<ScoreMessage>messages(stack, Topics.SCORES).stream()
        .filter(score -> score.getUserId().equals(user))
        .map(ScoreMessage::getEventId)
        .toList();
  }

  private static void signalRegistry(String signal) throws Exception {
    long registry = pid(Members.REGISTRY);
    Process kill = new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + registry).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static long pid(String member) {
    return stack.description().part(member).orElseThrow().process().pid();
  }

  private static boolean allStandBeforeTheRegistry() {
    return Stream.of(Service.values())
        .allMatch(
            service ->
                stack.description().part(service.moduleName()).isPresent()
                    && standsBeforeTheRegistry(service));
  }

  /** Whether a thread of the service is asking the registry, as its JVM tells. */
  private static boolean standsBeforeTheRegistry(Service service) {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      Process asked =
          new ProcessBuilder(jcmd, Long.toString(pid(service.moduleName())), "Thread.print")
              .redirectErrorStream(true)
              .start();
      return new String(asked.getInputStream().readAllBytes(), UTF_8)
          .contains("dev.millrace.schemas.SchemaRegistry.send");
    } catch (IOException e) {
      throw new IllegalStateException("jcmd, a part of the JDK, could not be run", e);
    }
  }

  private static boolean isReady(Service service) {
    return new ServiceClient().isReady(stack.url(service));
  }

  private static String event(String user, String eventId) {
    return """
        {"user_id": "%s", "event_id": "%s", "event_time": "2026-01-05T12:00:00Z", "event_type": "view"}"""
        .formatted(user, eventId);
  }

  /** Posts an event and waits until its score is the user's latest. */
  private static void awaitScore(String user, String eventId) throws Exception {
    HttpResponse<String> posted =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(stack.url(Service.INGEST) + "/v1/events"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(event(user, eventId)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(posted.statusCode()).as(posted.body()).isEqualTo(202);
    URI scores = URI.create(stack.url(Service.SCORING) + "/v1/users/" + user + "/scores");
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                JSON.readTree(
                        HTTP.send(
                                HttpRequest.newBuilder(scores).build(),
                                HttpResponse.BodyHandlers.ofString())
                            .body())
                    .path("scores")
                    .path(0)
                    .path("event_id")
                    .asText()
                    .equals(eventId));
  }
}

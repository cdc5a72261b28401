package dev.millrace.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.core.CanonicalHash;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.Surroundings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class CleansingApplicationIT {

  private static final String PII_KEYS =
      "--millrace.cleansing.pii-keys="
          + Path.of("..", "local", "pii-keys").toAbsolutePath().normalize();
  private static final Instant RECEIVED = Instant.parse("2026-01-01T12:00:00Z");
  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static MessageCodec<RawEventMessage> raw;
  private static long withoutContract;
  private static long activation;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    withoutContract = surroundings.activateBundledSource("default");
    activation = surroundings.activateBundledContract();
    service = SpringApplication.run(CleansingApplication.class, surroundings.arguments(PII_KEYS));
    raw = surroundings.codec(Topics.RAW);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static void send(String key, String payload) {
    send(key, payload, activation);
  }

  private static void send(String key, String payload, long activationOffset) {
    send(key, ContentType.JSON, payload.getBytes(UTF_8), activationOffset, null);
  }

  private static void send(
      String key,
      String contentType,
      byte[] payload,
      long activationOffset,
      String payloadSchemaSha256) {
    surroundings.send(
        Topics.RAW,
        key,
        raw.encode(
            RawEventMessage.newBuilder()
                .setIngestId("ingest-1")
                .setSource("default")
                .setContentType(contentType)
                .setPayload(ByteBuffer.wrap(payload))
                .setReceivedAt(RECEIVED)
                .setActivationOffset(activationOffset)
                .setPayloadSchemaSha256(payloadSchemaSha256)
                .build()));
  }

  private static String event(String user, String id, String more) {
    return """
        {"user_id": "%s", "event_id": "%s", "event_time": "2026-01-01T11:59:00Z", "event_type": "view"%s}"""
        .formatted(user, id, more);
  }

  private static <T extends SpecificRecord> T awaitMessage(
      Topics.Topic topic, Predicate<T> wanted) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              List<T> found = surroundings.messages(topic);
              return found.stream().filter(wanted).findFirst();
            },
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void aGoodEventIsCleanOnceAndItsRepetitionADuplicateThatNamesTheFirst() {
    send("ann", event("ann", "a-1", ", \"value\": 2.5, \"campaign\": \"spring\""));
    send("ann", event("ann", "a-1", ", \"value\": 2.5, \"campaign\": \"spring\""));

    CleanEventMessage clean =
        awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("a-1"));
    DuplicateEventMessage duplicate =
        awaitMessage(Topics.DUPLICATES, (DuplicateEventMessage m) -> m.getEventId().equals("a-1"));

    assertThat(clean.getUserId()).isEqualTo("ann");
    assertThat(clean.getValueMicros()).isEqualTo(2_500_000L);
    assertThat(clean.getAttributes()).containsEntry("campaign", "spring");
    assertThat(clean.getActivationOffset()).isEqualTo(activation);
    assertThat(duplicate.getFirstOrigin()).isEqualTo(clean.getOrigin());
  }

  @Test
  void aBadEventIsQuarantinedWithAllItsReasonsAndAMalformedOneToo() {
    send("bob", "{\"user_id\": \"bob\", \"event_id\": \"b-1\", \"value\": \"dear\"}");
    send("hash", "{\"user_id\": \"bob\"");

    QuarantinedEventMessage bad =
        awaitMessage(
            Topics.QUARANTINED, (QuarantinedEventMessage m) -> "b-1".equals(m.getEventId()));
    assertThat(bad.getViolations())
        .extracting(v -> v.getRule() + " " + v.getField())
        .containsExactlyInAnyOrder(
            "WRONG_TYPE value_micros", "MISSING_FIELD event_time", "MISSING_FIELD event_type");
    assertThat(bad.getStage()).isEqualTo("cleansing");
    assertThat(bad.getContractSha256()).isNotBlank();

    awaitMessage(
        Topics.QUARANTINED,
        (QuarantinedEventMessage m) -> m.getViolations().get(0).getRule().equals("JSON_MALFORMED"));
  }

  @Test
  void aBadRecordOfAFileIsQuarantinedWithFileAndLine() {
    surroundings.send(
        Topics.RAW,
        "fil",
        raw.encode(
            RawEventMessage.newBuilder()
                .setIngestId("ingest-file")
                .setSource("default")
                .setContentType(ContentType.JSON)
                .setPayload(ByteBuffer.wrap("{broken".getBytes(UTF_8)))
                .setReceivedAt(RECEIVED)
                .setActivationOffset(activation)
                .setFileName("2026-01-01/events.ndjson.gz")
                .setFileSha256("ab".repeat(32))
                .setFileLine(7_000_000_000L)
                .build()));

    QuarantinedEventMessage quarantined =
        awaitMessage(
            Topics.QUARANTINED,
            (QuarantinedEventMessage m) -> "ingest-file".equals(m.getIngestId()));

    assertThat(quarantined.getFileName()).isEqualTo("2026-01-01/events.ndjson.gz");
    assertThat(quarantined.getFileSha256()).isEqualTo("ab".repeat(32));
    assertThat(quarantined.getFileLine()).isEqualTo(7_000_000_000L);
  }

  @Test
  void bytesThatAreNoRawRecordAreQuarantinedAndDoNotStopTheStream() {
    surroundings.send(Topics.RAW, "x", "not framed".getBytes(UTF_8));
    surroundings.send(Topics.RAW, null, null);
    send("cid", event("cid", "c-1", ""));

    awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("c-1"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                surroundings.<QuarantinedEventMessage>messages(Topics.QUARANTINED).stream()
                    .filter(m -> m.getViolations().get(0).getRule().equals("AVRO_MALFORMED"))
                    .count(),
            count -> count == 2);
  }

  @Test
  void theContractNormalisesDerivesFlagsAndHides() {
    send(
        "pia",
        event(
            "pia",
            "p-1",
            ", \"email\": \" Pia@Example.COM\", \"phone\": \"030 23125 000\", \"value\": 200000"));

    CleanEventMessage clean =
        awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("p-1"));

    assertThat(clean.getEmail()).matches("tok_local_[0-9a-f]{32}");
    assertThat(clean.getPhone()).matches("tok_local_[0-9a-f]{32}").isNotEqualTo(clean.getEmail());
    assertThat(clean.getEventCategory()).isEqualTo("browsing");
    assertThat(clean.getProcessingDate()).isEqualTo("2026-01-01");
    assertThat(clean.getFlags()).containsExactly("value_micros:OUTLIER_BOUNDS");
    assertThat(clean.getContractSha256()).hasSize(64);
  }

  @Test
  void anEventFromBeforeTheFirstContractIsQuarantinedAsSuch() {
    send("kim", event("kim", "k-1", ""), withoutContract);

    QuarantinedEventMessage bad =
        awaitMessage(
            Topics.QUARANTINED,
            (QuarantinedEventMessage m) ->
                m.getViolations().get(0).getRule().equals("UNKNOWN_CONTRACT"));

    assertThat(bad.getContractSha256()).isNull();
    assertThat(bad.getActivationOffset()).isEqualTo(withoutContract);
  }

  @Test
  void aNewContractDecidesFromTheFirstEventThatCarriesIt() {
    long strict =
        surroundings.activateContract(
            """
            contract: user-activity
            version: 2
            fields:
              user_id: {required: true}
              event_time: {required: true}
              event_type: {required: true, enum: [purchase]}
            """);
    send("lou", event("lou", "l-1", ""));
    send("lou", event("lou", "l-2", ""), strict);

    awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("l-1"));
    assertThat(
            awaitMessage(
                    Topics.QUARANTINED, (QuarantinedEventMessage m) -> "l-2".equals(m.getEventId()))
                .getViolations())
        .extracting(v -> v.getRule() + " " + v.getField())
        .containsExactly("NOT_ALLOWED event_type");
    surroundings.activateBundledContract(); // for the tests that run after this one
  }

  @Test
  void anAvroPayloadIsReadByTheSchemaItIsStampedWithWhateverTheRegistryKnowsByNow() {
    Schema schema =
        SchemaBuilder.record("Click")
            .fields()
            .requiredString("user_id")
            .requiredString("event_id")
            .requiredString("event_time")
            .requiredString("event_type")
            .endRecord();
    String kept = surroundings.artifacts().put(schema.toString().getBytes(UTF_8));
    int registered = surroundings.registry().register("clicks", schema);
    int neverRegistered = 987_654;

    send("fay", ContentType.AVRO, click(neverRegistered, "f-1"), activation, kept);
    send("fay", ContentType.AVRO, click(registered, "f-2"), activation, null);

    awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("f-1"));
    QuarantinedEventMessage unstamped =
        awaitMessage(
            Topics.QUARANTINED,
            (QuarantinedEventMessage m) ->
                m.getViolations().get(0).getRule().equals("AVRO_UNKNOWN_SCHEMA"));
    assertThat(unstamped.getPayloadSha256())
        .isEqualTo(CanonicalHash.sha256Hex(click(registered, "f-2")));
  }

  /** Four texts, each after its length in Avro's zigzag. */
  private static byte[] click(int schemaId, String eventId) {
    ByteBuffer bytes = ByteBuffer.allocate(100).put((byte) 0).putInt(schemaId);
    for (String text : List.of("fay", eventId, "2026-01-01T11:59:00Z", "view")) {
      bytes.put((byte) (2 * text.length())).put(text.getBytes(UTF_8));
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  @Test
  void anEventWaitsForTheActivationItCarries() {
    // Whatever contract another test has left active.
    surroundings.activateBundledContract();
    long next = surroundings.activateBundledSource("default") + 1;
    send("dan", event("dan", "d-1", ", \"kind\": \"x\""), next);

    long activated = surroundings.activateBundledSource("clickstream");

    assertThat(activated).isEqualTo(next);
    assertThat(
            awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("d-1"))
                .getActivationOffset())
        .isEqualTo(next);
  }

  @Test
  void saysThatItIsReadyAndShowsItsMetrics() throws Exception {
    send("eve", event("eve", "e-1", ""));
    awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals("e-1"));

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> get("/actuator/health/readiness").statusCode(), status -> status == 200);
    assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(get("/actuator/prometheus").body()).contains("millrace_events_sorted_total");
    assertThat(get("/actuator/env").statusCode()).isEqualTo(404);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    String port = service.getEnvironment().getProperty("local.server.port");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void refusesToStartWithNonsenseInItsConfiguration() {
    assertThatThrownBy(
            () ->
                SpringApplication.run(
                    CleansingApplication.class,
                    surroundings.arguments("--millrace.registry-url=localhost")))
        .hasStackTraceContaining("must begin with http:// or https://");
  }
}

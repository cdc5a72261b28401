package dev.millrace.ingest;

import static dev.millrace.ingest.Http.gzip;
import static dev.millrace.ingest.Http.json;
import static dev.millrace.ingest.Http.requireProblem;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.CanonicalHash;
import dev.millrace.ingest.RawTopic.Raw;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.PublishedApi;
import dev.millrace.streams.Surroundings;
import dev.millrace.streams.TopicIds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.streams.TopologyDescription;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;

class IngestApplicationIT {

  private static final String EVENTS = "/v1/events";
  private static final String BATCH = "/v1/events:batch";
  private static final String NDJSON = "application/x-ndjson";

  @TempDir private static Path landing;
  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static Http http;
  private static RawTopic rawTopic;
  private static TopicIds topicIds;
  private static long activation;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    activation = surroundings.activateBundledSource("clickstream");
    service =
        SpringApplication.run(
            IngestApplication.class,
            surroundings.arguments("--millrace.ingest.landing=" + landing));
    http = new Http(service);
    rawTopic = new RawTopic(surroundings);
    topicIds = surroundings.topicIds();
  }

  @AfterAll
  static void stop() {
    rawTopic.close();
    service.close();
  }

  private static String event(String user, String id) {
    return """
        {"user_id": "%s", "event_id": "%s", "event_time": "2026-01-01T11:59:00Z", "event_type": "view"}"""
        .formatted(user, id);
  }

  private static String sized(int bytes) {
    String start = "{\"user_id\": \"big\", \"padding\": \"";
    return start + "x".repeat(bytes - start.length() - 2) + "\"}";
  }

  private static String hashKey(byte[] payload) {
    return CanonicalHash.sha256Hex(payload).substring(0, 32);
  }

  private static Raw rawOf(JsonNode receipt) {
    String ingestId = receipt.path("ingest_id").asText();
    List<Raw> found =
        rawTopic.all().stream()
            .filter(raw -> raw.message().getIngestId().equals(ingestId))
            .toList();
    assertThat(found).hasSize(1);
    assertThat(found.get(0).stored().partition()).isEqualTo(receipt.path("partition").asInt());
    assertThat(found.get(0).stored().offset()).isEqualTo(receipt.path("offset").asLong());
    return found.get(0);
  }

  private static long rawCount() {
    return rawTopic.all().size();
  }

  // HTTP, one event

  @Test
  void anEventIsOnTheRawTopicUntouchedWhenItIsAnsweredWith202() {
    // A user in two Unicode forms, odd spaces and a line break: all of it must stay.
    byte[] payload =
        "\n { \"user_id\" : \"  Ame\u0301lie \",\t\"event_id\":\"h-1\", \"z\": 1.0e0 } "
            .getBytes(UTF_8);
    Instant before = Instant.now();

    HttpResponse<String> answer = http.post(EVENTS, "application/json; charset=utf-8", payload);

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    Raw raw = rawOf(json(answer));
    assertThat(raw.payload()).isEqualTo(payload);
    assertThat(raw.key()).isEqualTo("Am\u00e9lie");
    assertThat(raw.message().getSource()).isEqualTo("default");
    assertThat(raw.message().getContentType()).isEqualTo(ContentType.JSON);
    assertThat(raw.message().getActivationOffset()).isEqualTo(activation);
    assertThat(raw.message().getReceivedAt()).isBetween(before, Instant.now());
    assertThat(raw.message().getInbound()).isNull();
    assertThat(raw.message().getPayloadKeyId()).isNull();
    assertThat(raw.message().getPayloadSchemaSha256()).isNull();
  }

  @Test
  void whatIsNoJsonIsTakenTooAndKeyedByItsHash() {
    byte[] payload = "{\"user_id\": \"ann\"".getBytes(UTF_8);

    HttpResponse<String> answer = http.post(EVENTS, ContentType.JSON, payload);

    assertThat(answer.statusCode()).isEqualTo(202);
    Raw raw = rawOf(json(answer));
    assertThat(raw.key()).isEqualTo(hashKey(payload));
    assertThat(raw.payload()).isEqualTo(payload);
  }

  @Test
  void theLargestEventIsTakenAndAByteMoreIsNot() {
    HttpResponse<String> largest =
        http.post(EVENTS, ContentType.JSON, sized(Topics.MAX_PAYLOAD_BYTES));
    assertThat(largest.statusCode()).isEqualTo(202);
    assertThat(rawOf(json(largest)).key()).isEqualTo("big");

    requireProblem(http.post(EVENTS, ContentType.JSON, sized(Topics.MAX_PAYLOAD_BYTES + 1)), 413);
  }

  @Test
  void aBodyThatIsTooLargeIsAnsweredWith413WhetherItSaysSoOrNot() {
    byte[] body = new byte[20_000_000];

    requireProblem(http.post(EVENTS, ContentType.JSON, body), 413);
    requireProblem(
        http.send(
            http.request(BATCH)
                .header("Content-Type", ContentType.JSON)
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body)))),
        413);
  }

  @Test
  void aBodyThatInflatesToTooMuchIsAnsweredWith413() {
    byte[] bomb = gzip(new byte[20_000_000]);
    assertThat(bomb).hasSizeLessThan(100_000);

    requireProblem(http.post(EVENTS, ContentType.JSON, bomb, "Content-Encoding", "gzip"), 413);
    requireProblem(http.post(BATCH, NDJSON, bomb, "Content-Encoding", "gzip"), 413);
  }

  @Test
  void aContentTypeOrEncodingThatIsNotTakenIsAnsweredWith415() {
    String event = event("ann", "h-2");
    long before = rawCount();

    requireProblem(http.post(EVENTS, "text/csv", event), 415);
    requireProblem(http.post(EVENTS, NDJSON, event), 415);
    requireProblem(http.post(BATCH, "application/x-www-form-urlencoded", event), 415);
    requireProblem(
        http.send(http.request(EVENTS).POST(HttpRequest.BodyPublishers.ofString(event))), 415);
    requireProblem(http.post(EVENTS, ContentType.JSON, event, "Content-Encoding", "br"), 415);
    requireProblem(
        http.post(EVENTS, ContentType.JSON, event, "Content-Encoding", "gzip, gzip"), 415);
    assertThat(rawCount()).isEqualTo(before);
  }

  @Test
  void anAnswerThatNobodyCouldReadIsRefusedBeforeAnythingIsTaken() {
    long before = rawCount();

    requireProblem(
        http.post(EVENTS, ContentType.JSON, event("ann", "h-3"), "Accept", "text/html"), 406);
    requireProblem(http.post(BATCH, ContentType.JSON, "[1]", "Accept", "text/html"), 406);
    assertThat(rawCount()).isEqualTo(before);
  }

  @Test
  void aRequestWithoutSenseIsAnsweredWith400AndNothingOfItIsTaken() {
    long before = rawCount();
    byte[] cutOff = gzip(event("ann", "h-4").getBytes(UTF_8));
    cutOff = Arrays.copyOf(cutOff, cutOff.length - 10);

    requireProblem(http.post(EVENTS, ContentType.JSON, ""), 400);
    requireProblem(http.post(EVENTS, ContentType.JSON, cutOff, "Content-Encoding", "gzip"), 400);
    requireProblem(http.post(EVENTS, ContentType.JSON, "{}", "Content-Encoding", "gzip"), 400);
    requireProblem(http.post(EVENTS, ContentType.JSON, "", "Content-Encoding", "gzip"), 400);
    requireProblem(http.post(BATCH, ContentType.JSON, "[{}, {]"), 400);
    requireProblem(http.post(BATCH, ContentType.JSON, "[{}"), 400);
    requireProblem(http.post(BATCH, ContentType.JSON, "{}"), 400);
    requireProblem(http.post(BATCH, ContentType.JSON, "[] []"), 400);
    requireProblem(http.post(BATCH, ContentType.JSON, "[]"), 400);
    requireProblem(http.post(BATCH, NDJSON, "\n \n"), 400);
    JsonNode problem =
        requireProblem(http.post(EVENTS + "?source=nobody", ContentType.JSON, "{}"), 400);
    assertThat(problem.path("title").asText()).isEqualTo("Unknown source");
    assertThat(rawCount()).isEqualTo(before);
  }

  // HTTP, batches

  @Test
  void aBatchIsCutWithoutChangingAByteAndAnsweredInItsOrder() {
    List<String> payloads =
        List.of("{ \"user_id\":\"b1\" , \"x\": [1, {\"y\": \"]\"}] }", "17", event("b3", "k-3"));

    HttpResponse<String> array =
        http.post(BATCH, ContentType.JSON, "[" + String.join(" ,\n", payloads) + "]");
    HttpResponse<String> lines =
        http.post(
            BATCH,
            NDJSON,
            gzip(("\n" + String.join("\r\n", payloads) + "\n\n").getBytes(UTF_8)),
            "Content-Encoding",
            "GZIP");

    for (HttpResponse<String> answer : List.of(array, lines)) {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
      JsonNode receipts = json(answer);
      assertThat(receipts.path("accepted").asInt()).isEqualTo(3);
      assertThat(receipts.path("failed").asInt()).isZero();
      List<Raw> raws =
          StreamSupport.stream(receipts.path("events").spliterator(), false)
              .map(IngestApplicationIT::rawOf)
              .toList();
      assertThat(raws).extracting(raw -> new String(raw.payload(), UTF_8)).isEqualTo(payloads);
      assertThat(raws)
          .extracting(Raw::key)
          .containsExactly("b1", hashKey("17".getBytes(UTF_8)), "b3");
    }
  }

  @Test
  void aTooLargeEventAmongGoodOnesIsToldWith207() {
    String body =
        String.join(
            "\n", event("c1", "k-4"), sized(Topics.MAX_PAYLOAD_BYTES + 1), event("c3", "k-5"));

    HttpResponse<String> answer = http.post(BATCH, NDJSON, body);

    assertThat(answer.statusCode()).isEqualTo(207);
    JsonNode receipts = json(answer);
    assertThat(receipts.path("accepted").asInt()).isEqualTo(2);
    assertThat(receipts.path("failed").asInt()).isEqualTo(1);
    assertThat(receipts.path("events"))
        .extracting(r -> r.path("status").asInt())
        .containsExactly(202, 413, 202);
    assertThat(rawOf(receipts.path("events").get(0)).key()).isEqualTo("c1");
    assertThat(receipts.path("events").get(1).has("ingest_id")).isFalse();
    assertThat(rawOf(receipts.path("events").get(2)).key()).isEqualTo("c3");
  }

  @Test
  void aBatchOfWhichNothingCouldBeTakenIsAProblem() {
    JsonNode problem =
        requireProblem(http.post(BATCH, NDJSON, sized(Topics.MAX_PAYLOAD_BYTES + 1)), 413);
    assertThat(problem.path("events").get(0).path("status").asInt()).isEqualTo(413);

    requireProblem(http.post(BATCH, NDJSON, "{}\n".repeat(1_001)), 413);
  }

  // The inbound topic

  private static RecordMetadata inbound(String key, byte[] value, String... headers) {
    ProducerRecord<String, byte[]> record = new ProducerRecord<>(Topics.INBOUND.name(), key, value);
    for (int i = 0; i < headers.length; i += 2) {
      record.headers().add(headers[i], headers[i + 1].getBytes(UTF_8));
    }
    return surroundings.send(record);
  }

  /** The raw record made of an inbound one; exactly one, named by the inbound one's place. */
  private static Raw enveloped(RecordMetadata inbound) {
    String topicId = topicIds.id(Topics.INBOUND.name());
    OriginMessage place = new OriginMessage(topicId, inbound.partition(), inbound.offset());
    List<Raw> found =
        await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () ->
                    rawTopic.all().stream()
                        .filter(raw -> place.equals(raw.message().getInbound()))
                        .toList(),
                raws -> !raws.isEmpty());
    assertThat(found).hasSize(1);
    Raw raw = found.get(0);
    assertThat(raw.message().getIngestId())
        .isEqualTo(
            CanonicalHash.start()
                .add(topicId)
                .add(inbound.partition())
                .add(inbound.offset())
                .digest128()
                .hex());
    assertThat(raw.message().getReceivedAt().toEpochMilli())
        .isEqualTo(raw.stored().timestamp())
        .isCloseTo(System.currentTimeMillis(), Offset.offset(60_000L));
    assertThat(raw.message().getActivationOffset()).isEqualTo(activation);
    assertThat(raw.stored().headers()).isEmpty();
    return raw;
  }

  @Test
  void jsonWithoutAnyHeaderIsOfTheDefaultSourceAndKeyedByItsUserWhateverItsOwnKeySays() {
    byte[] payload = event("ian", "i-1").getBytes(UTF_8);

    Raw raw = enveloped(inbound("some key", payload));

    assertThat(raw.key()).isEqualTo("ian");
    assertThat(raw.payload()).isEqualTo(payload);
    assertThat(raw.message().getSource()).isEqualTo("default");
    assertThat(raw.message().getContentType()).isEqualTo(ContentType.JSON);
  }

  @Test
  void bothDoorsPutAUserOnTheSamePartition() {
    for (String user : List.of("p1", "p2", "p3", "p4")) {
      byte[] payload = event(user, "same").getBytes(UTF_8);
      Raw overHttp = rawOf(json(http.post(EVENTS, ContentType.JSON, payload)));
      Raw overTopic = enveloped(inbound(null, payload));
      assertThat(overTopic.stored().partition()).isEqualTo(overHttp.stored().partition());
    }
  }

  @Test
  void aCsvLineIsReadByTheSourceThatItsHeaderNames() {
    byte[] line = "c-77,2026-01-01 10:00:00,view,shoe,shoes,59.9,59.9,1,1,12.5\n".getBytes(UTF_8);

    Raw guessed = enveloped(inbound(null, line, "source", "clickstream"));
    Raw named =
        enveloped(
            inbound(
                null, line, "source", "clickstream", "content-type", "Text/CSV; header=absent"));

    for (Raw raw : List.of(guessed, named)) {
      assertThat(raw.key()).isEqualTo("c-77");
      assertThat(raw.payload()).isEqualTo(line);
      assertThat(raw.message().getSource()).isEqualTo("clickstream");
      assertThat(raw.message().getContentType()).isEqualTo(ContentType.CSV);
    }
  }

  @Test
  void anAvroRecordInConfluentsFrameIsStampedWithItsSchemaAndReadByIt() throws Exception {
    Schema schema =
        SchemaBuilder.record("Click")
            .fields()
            .requiredString("user_id")
            .requiredString("event_type")
            .endRecord();
    int id = surroundings.registry().register("clicks-of-a-producer", schema);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema)
        .write(
            new GenericRecordBuilder(schema)
                .set("user_id", "ava")
                .set("event_type", "view")
                .build(),
            encoder);

    Raw raw = enveloped(inbound(null, bytes.toByteArray()));

    assertThat(raw.key()).isEqualTo("ava");
    assertThat(raw.payload()).isEqualTo(bytes.toByteArray());
    assertThat(raw.message().getContentType()).isEqualTo(ContentType.AVRO);
    String stamp = raw.message().getPayloadSchemaSha256();
    assertThat(new PayloadSchemas(surroundings.artifacts()).find(stamp)).isEqualTo(schema);
  }

  @Test
  void whatCannotBeReadBecomesARawRecordKeyedByItsHash() {
    byte[] nothing = {};
    byte[] json = event("jon", "i-2").getBytes(UTF_8);
    byte[] unknownSchema = {0, 0x7f, 0, 0, 0, 1};

    Raw nullValue = enveloped(inbound("jon", null));
    Raw unknownSource = enveloped(inbound("jon", json, "source", "nobody"));
    Raw unknownType = enveloped(inbound("jon", json, "content-type", "image/png"));
    Raw unknownAvro = enveloped(inbound("jon", unknownSchema));

    assertThat(nullValue.payload()).isEqualTo(nothing);
    assertThat(nullValue.key()).isEqualTo(hashKey(nothing));
    assertThat(nullValue.message().getContentType()).isEmpty();
    assertThat(unknownSource.key()).isEqualTo(hashKey(json));
    assertThat(unknownSource.message().getSource()).isEqualTo("nobody");
    assertThat(unknownType.key()).isEqualTo(hashKey(json));
    assertThat(unknownType.message().getContentType()).isEqualTo("image/png");
    assertThat(unknownAvro.key()).isEqualTo(hashKey(unknownSchema));
    assertThat(unknownAvro.message().getPayloadSchemaSha256()).isNull();
  }

  @Test
  void aSourceHeaderThatCannotBeReadIsNoAbsentOne() {
    byte[] payload = event("abe", "i-4").getBytes(UTF_8);
    ProducerRecord<String, byte[]> latin =
        new ProducerRecord<>(Topics.INBOUND.name(), null, payload);
    latin.headers().add("source", "d\u00e9fault".getBytes(ISO_8859_1));

    Raw oversized = enveloped(inbound(null, payload, "source", "y".repeat(900_000)));
    Raw notUtf8 = enveloped(surroundings.send(latin));

    for (Raw raw : List.of(oversized, notUtf8)) {
      assertThat(raw.message().getSource()).isEmpty();
      assertThat(raw.key()).isEqualTo(hashKey(payload));
      assertThat(raw.payload()).isEqualTo(payload);
    }
    assertThat(enveloped(inbound(null, payload, "source", "nobody", "source", "default")).key())
        .isEqualTo("abe");
  }

  @Test
  void absurdHeadersChangeNothing() {
    byte[] payload = event("abe", "i-3").getBytes(UTF_8);
    String[] manyHeaders =
        Stream.iterate(0, i -> i + 1)
            .limit(10_000)
            .flatMap(i -> Stream.of("h" + i, "value"))
            .toArray(String[]::new);

    assertThat(enveloped(inbound(null, payload, manyHeaders)).key()).isEqualTo("abe");
    assertThat(enveloped(inbound(null, payload, "x", "y".repeat(900_000))).key()).isEqualTo("abe");
    // A header may come without a value.
    ProducerRecord<String, byte[]> bare =
        new ProducerRecord<>(Topics.INBOUND.name(), null, payload);
    bare.headers().add("source", null).add("content-type", null);
    assertThat(enveloped(surroundings.send(bare)).key()).isEqualTo("abe");
  }

  // The service

  @Test
  void itsTopologyIsOneNodeBetweenTwoTopics() throws Exception {
    TopologyDescription topology =
        service.getBean(StreamsBuilderFactoryBean.class).getTopology().describe();

    assertThat(topology.globalStores()).isEmpty();
    assertThat(topology.subtopologies()).hasSize(1);
    assertThat(topology.subtopologies().iterator().next().nodes())
        .extracting(TopologyDescription.Node::name)
        .containsExactlyInAnyOrder("inbound", "envelop", "to-raw");
    assertThat(surroundings.admin().listTopics().names().get())
        .noneMatch(name -> name.startsWith("ingest-service-"));
  }

  @Test
  void saysThatItIsReadyAndShowsItsMetrics() {
    http.post(EVENTS, ContentType.JSON, event("mia", "m-1"));
    enveloped(inbound(null, event("mia", "m-2").getBytes(UTF_8)));

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> http.get("/actuator/health/readiness").statusCode(), status -> status == 200);
    assertThat(http.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(http.get("/actuator/prometheus").body())
        .contains("millrace_events_accepted_total{door=\"http\"}")
        .contains("millrace_events_accepted_total{door=\"topic\"}");
    assertThat(http.get("/actuator/env").statusCode()).isEqualTo(404);
  }

  @Test
  void itsOpenApiFileIsServedAndNamesEveryOperationAndNoOther() {
    PublishedApi.check(service);
  }
}

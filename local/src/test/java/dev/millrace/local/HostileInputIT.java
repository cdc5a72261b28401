package dev.millrace.local;

import static dev.millrace.local.HostileRecords.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The payloads of {@code schemas/corpus} and worse, at every door of a running stack. Each is
 * refused at the door or quarantined once, for its own reasons, and no process ends.
 */
class HostileInputIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Path CORPUS = Homes.ROOT.resolve("schemas").resolve("corpus");

  /** A line of corpus.csv; its cells hold neither commas nor quotes. */
  private record Payload(
      String file, String source, String contentType, String status, List<String> reasons) {

    static Payload of(String line) {
      String[] cells = line.split(",", -1);
      List<String> reasons = new ArrayList<>(Arrays.asList(cells[4].split(" ")));
      reasons.sort(null);
      return new Payload(cells[0], cells[1], cells[2], cells[3], reasons);
    }

    byte[] bytes() throws IOException {
      return Files.readAllBytes(CORPUS.resolve(file));
    }
  }

  private static Stack stack;
  private static Producer<byte[], byte[]> producer;
  private static List<Payload> corpus;

  @BeforeAll
  static void start() throws IOException {
    try (Stream<String> lines = Files.lines(CORPUS.resolve("corpus.csv"))) {
      corpus = lines.skip(1).map(Payload::of).toList();
    }
    stack =
        Stack.claim(
            Homes.in(Path.of("target", "hostile").toAbsolutePath()),
            new Console(System.out, false));
    stack.start();
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.bootstrapServers(),
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                3 * 1_048_576),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    // Says that no process has ended since the start.
    assertThat(stack.failure()).isNotDone();
    stack.close();
  }

  @Test
  void overHttpEachIsRefusedAtTheDoorOrQuarantinedOnceForItsReasons() throws Exception {
    Map<String, List<String>> expected = new TreeMap<>();
    Map<String, String> files = new HashMap<>();
    for (Payload payload : corpus) {
      if (payload.status().equals("-")) {
        continue;
      }
      HttpResponse<String> answer = post(payload);
      assertThat(answer.statusCode())
          .as(payload.file())
          .isEqualTo(Integer.parseInt(payload.status()));
      if (answer.statusCode() == 202) {
        String ingestId = JSON.readTree(answer.body()).path("ingest_id").asText();
        expected.put(ingestId, payload.reasons());
        files.put(ingestId, payload.file());
      } else {
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.path("title").asText()).as(payload.file()).isNotBlank();
      }
    }

    assertThat(expected).hasSizeGreaterThanOrEqualTo(300);
    assertQuarantined(expected, files, () -> QuarantinedEventMessage::getIngestId);
  }

  private static HttpResponse<String> post(Payload payload) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(
                URI.create(stack.url(Service.INGEST) + "/v1/events?source=" + payload.source()))
            .header("Content-Type", payload.contentType())
            .POST(HttpRequest.BodyPublishers.ofByteArray(payload.bytes()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void onTheInboundTopicEachIsQuarantinedOnceForItsReasons() throws Exception {
    Map<String, List<String>> expected = new TreeMap<>();
    Map<String, String> files = new HashMap<>();
    for (Payload payload : corpus) {
      String place =
          send(
              Topics.INBOUND,
              payload.bytes(),
              header("source", payload.source()),
              header("content-type", payload.contentType()));
      expected.put(place, payload.reasons());
      files.put(place, payload.file());
    }
    for (Map.Entry<String, HostileRecords.Hostile> avro :
        HostileRecords.avro(stack.registry()).entrySet()) {
      String place =
          send(Topics.INBOUND, avro.getValue().payload(), header("content-type", ContentType.AVRO));
      expected.put(place, List.of(avro.getValue().reason()));
      files.put(place, avro.getKey());
    }
    for (Map.Entry<String, List<Header>> odd : HostileRecords.oddHeaders().entrySet()) {
      String place =
          send(Topics.INBOUND, "{".getBytes(UTF_8), odd.getValue().toArray(Header[]::new));
      expected.put(place, List.of(odd.getKey().split(" ")[0]));
      files.put(place, odd.getKey());
    }
    String tombstone = send(Topics.INBOUND, null);
    expected.put(tombstone, List.of("EMPTY_PAYLOAD"));
    files.put(tombstone, "a tombstone without a key");

    assertQuarantined(
        expected,
        files,
        () -> {
          Map<String, String> inbound = inboundByRaw();
          return message -> inbound.get(place(message.getOrigin()));
        });
  }

  @Test
  void onTheRawTopicWhatIsNoRawRecordIsQuarantinedOnceAsSuch() throws Exception {
    Map<String, List<String>> expected = new TreeMap<>();
    Map<String, String> files = new HashMap<>();
    for (Payload payload : corpus) {
      byte[] bytes = payload.bytes();
      String place = send(Topics.RAW, bytes);
      expected.put(place, List.of(asRawRecord(bytes)));
      files.put(place, payload.file());
    }
    for (Map.Entry<String, HostileRecords.Hostile> avro :
        HostileRecords.avro(stack.registry()).entrySet()) {
      String place = send(Topics.RAW, avro.getValue().payload());
      boolean empty = avro.getValue().payload().length == 0;
      expected.put(place, List.of(empty ? "AVRO_MALFORMED" : avro.getValue().reason()));
      files.put(place, avro.getKey());
    }
    String tombstone = send(Topics.RAW, null);
    expected.put(tombstone, List.of("AVRO_MALFORMED"));
    files.put(tombstone, "a tombstone without a key");

    assertQuarantined(expected, files, () -> message -> place(message.getOrigin()));
  }

  /** Over all that the other tests have sent, too, in whatever order they run. */
  @Test
  void noMarkedValueIsSeenWhereOriginalsAreNotKept() throws Exception {
    new PiiSearch(stack).plantAndSearch();
  }

  /** Text that begins with a zero byte names some schema that nobody has registered. */
  private static String asRawRecord(byte[] payload) {
    return payload.length >= 5 && payload[0] == 0 ? "AVRO_UNKNOWN_SCHEMA" : "AVRO_MALFORMED";
  }

  private static String send(Topics.Topic topic, byte @Nullable [] value, Header... headers)
      throws Exception {
    RecordMetadata at =
        producer
            .send(
                new ProducerRecord<byte[], byte[]>(
                    topic.name(), (Integer) null, null, value, Arrays.asList(headers)))
            .get();
    return at.partition() + "/" + at.offset();
  }

  private static String place(OriginMessage origin) {
    return origin.getPartition() + "/" + origin.getOffset();
  }

  private static Map<String, String> inboundByRaw() {
    Map<String, String> inbound = new HashMap<>();
    TopicReader.records(stack, Topics.RAW)
        .forEach(
            record -> {
              RawEventMessage raw = rawEvents().decode(record.value()).message();
              if (raw != null && raw.getInbound() != null) {
                inbound.put(record.partition() + "/" + record.offset(), place(raw.getInbound()));
              }
            });
    return inbound;
  }

  private static MessageCodec<RawEventMessage> rawEvents() {
    return MessageCodec.registered(stack.registry(), Topics.RAW);
  }

  private interface Name {
    @Nullable String of(QuarantinedEventMessage message);
  }

  /** Waits until each is there, then looks that each is there once and for its reasons. */
  private static void assertQuarantined(
      Map<String, List<String>> expected, Map<String, String> files, Supplier<Name> names) {
    Map<String, List<List<String>>> found = new TreeMap<>();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              found.clear();
              Name name = names.get();
              for (QuarantinedEventMessage message :
                  TopicReader.<QuarantinedEventMessage>messages(stack, Topics.QUARANTINED)) {
                @Nullable String of = name.of(message);
                if (of != null && expected.containsKey(of)) {
                  found.computeIfAbsent(of, o -> new ArrayList<>()).add(reasons(message));
                }
              }
              return found.size() == expected.size();
            });
    List<String> differences = new ArrayList<>();
    expected.forEach(
        (place, reasons) -> {
          if (!List.of(reasons).equals(found.get(place))) {
            differences.add(
                "%s: expected once %s, found %s"
                    .formatted(files.get(place), reasons, found.get(place)));
          }
        });
    assertThat(differences).isEmpty();
  }

  private static List<String> reasons(QuarantinedEventMessage message) {
    return message.getViolations().stream()
        .map(
            violation ->
                violation.getField() == null
                    ? violation.getRule()
                    : violation.getRule() + ":" + violation.getField())
        .sorted()
        .toList();
  }
}

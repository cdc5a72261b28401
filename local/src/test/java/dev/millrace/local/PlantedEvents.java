package dev.millrace.local;

import static dev.millrace.local.PlantedUser.VISIBLE;
import static dev.millrace.local.PlantedUser.with;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Marked values in events of every kind, through every door, and what must become of the events.
 */
final class PlantedEvents {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String NDJSON = "application/x-ndjson";

  /** The bundled contract's rules for attributes, and those that are activated here. */
  private static final String NO_RULES = "attributes: {}";

  private static final String RULES =
      """
      attributes:
        passport: {pii: mask, length: {min: 5}, pattern: "[A-Za-z0-9-]+"}
        account:  {pii: tokenize}
      """;

  private static final String MEMBERS =
      """
      source: members
      version: 1
      format: csv
      columns: [user, id, time, email, phone, passport, account]
      fields:
        user_id:    {from: user}
        event_id:   {from: id}
        event_time: {from: time, time: iso_8601, zone: UTC}
        event_type: {constant: view}
        email:      {from: email}
        phone:      {from: phone}
      attributes:
        passport: {from: passport}
        account:  {from: account}
      """;

  private final Stack stack;
  private final Map<String, Long> expected = new TreeMap<>();
  private final StringBuilder answers = new StringBuilder();

  PlantedEvents(Stack stack) {
    this.stack = stack;
  }

  /** How many events must come to what: {@code CLEAN}, {@code DUPLICATE}, or their violations. */
  Map<String, Long> expected() {
    return expected;
  }

  /** What producers were answered, and operators told. */
  byte[] answers() {
    return bytes(answers.toString());
  }

  void plant() throws Exception {
    activate("user-activity.yaml", contract());
    activate("members.yaml", MEMBERS);
    overHttp();
    hostileOverHttp();
    onTheTopics();
    inFiles();
    byCommand();
  }

  private static String contract() throws IOException {
    String bundled =
        Files.readString(Homes.ROOT.resolve("schemas/contracts/user-activity.yaml"))
            .replaceFirst("(?m)^version: .*", "version: 1001");
    assertThat(bundled).contains(NO_RULES);
    return bundled.replace(NO_RULES, RULES);
  }

  private void activate(String name, String declaration) throws IOException {
    Path file = Files.writeString(stack.home().work().resolve(name), declaration);
    command("activate", file.toString(), "--reason", "a search for what must not be seen");
  }

  /** Keeps what it tells. */
  void command(String... arguments) {
    Cli told = Cli.run(stack.home(), arguments);
    assertThat(told.exitCode()).as(told.err()).isZero();
    answers.append(told.out()).append(told.err());
  }

  private void overHttp() throws Exception {
    post(user(1).event(), "CLEAN");
    post(user(1).event(), "DUPLICATE");
    post(user(2).event(), "CLEAN");
    post(user(2).event(user(3).members()), "EVENT_ID_CONFLICT event_id");
    for (int n = 4; n < 4 + PlantedUser.SPELLINGS; n++) {
      post(user(n).event(), "CLEAN");
    }
    post(user(10).event(with("email", user(10).email() + "@")), "INVALID_EMAIL email");
    post(user(11).event(with("phone", user(11).phone() + " 9999999")), "INVALID_PHONE phone");
    post(user(12).event(with("passport", user(12).passport() + "!")), "PATTERN_MISMATCH passport");
    post(user(13).event(listOf(user(13).email())), "WRONG_TYPE email");
    post(user(14).event(with("email", "\\ud800" + user(14).email())), "WRONG_TYPE email");
    post(user(15).event().replace("2026", "2099"), "EVENT_TIME_IN_FUTURE event_time");
    post(user(16).event(), "CLEAN");
    post(
        user(16).event(user(17).members()).replace("2026", "2025").replace("-id-", "-old-"),
        "BEYOND_HORIZON event_time");
    post(user(18).event().replace("\"view\"", "\" \""), "MISSING_FIELD event_type");
    post(user(19).event(with("account", user(19).account().repeat(500))), "TOO_LONG account");
    send(
        "/v1/events:batch",
        "[" + user(20).event() + ", {" + listOf(user(21).email()).substring(1) + "}]",
        202);
    expect("CLEAN");
    expect(
        "MISSING_FIELD event_time, MISSING_FIELD event_type, MISSING_FIELD user_id, WRONG_TYPE email");
    send("/v1/events:validate", user(22).event(), 200);
    send("/v1/events:validate", user(23).event(with("email", user(23).email() + "@")), 200);
  }

  private static String listOf(String email) {
    return ", \"email\": [\"" + email + "\"]";
  }

  private void hostileOverHttp() throws Exception {
    post(user(30).event() + "\"", "JSON_MALFORMED null");
    post("{\"email\": \"%s\", \"email\": 1}".formatted(user(31).email()), "JSON_MALFORMED null");
    post("[".repeat(1_000) + "\"" + user(32).email() + "\"", "JSON_MALFORMED null");
    post("\"" + user(33).email() + "\"", "JSON_MALFORMED null");
    post("\uFEFF" + user(34).event(), "JSON_MALFORMED null");
    expect("JSON_MALFORMED null");
    send("/v1/events", ContentType.JSON, user(35).event().getBytes(ISO_8859_1), 202);
    send("/v1/events", ContentType.JSON, oversize(36), 413);
    send("/v1/events", user(37).email(), bytes(user(37).event()), 415);
    send("/v1/events?source=nobody", user(38).event(), 400);
    send("/v1/events:batch", "[" + user(39).event(), 400);
    send("/v1/files?name=planted.csv", user(40).event(), 400);
    malformedRequest(user(41).email());
  }

  /** A line that the server takes for no request at all; what it answers goes to who sent it. */
  private void malformedRequest(String email) throws IOException {
    URI ingest = URI.create(stack.url(Service.INGEST));
    try (Socket socket = new Socket(ingest.getHost(), ingest.getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(bytes("GET /v1/events?email=" + email + "{ HTTP/1.1\r\n\r\n"));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8)).contains(" 400 ");
    }
  }

  private static byte[] oversize(int n) {
    return bytes(user(n).event(user(n).members() + with("note", "x".repeat(1_000_000))));
  }

  private void onTheTopics() {
    int id = stack.registry().register("planted", PlantedUser.AVRO);
    byte[] cut = TracedShop.framed(id, user(52).avro());
    byte[] unknown = TracedShop.framed(Integer.MAX_VALUE, user(53).avro());
    try (Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      inbound(producer, 50, bytes(user(50).event()), ContentType.JSON, "CLEAN");
      inbound(producer, 51, TracedShop.framed(id, user(51).avro()), ContentType.AVRO, "CLEAN");
      inbound(
          producer,
          52,
          Arrays.copyOf(cut, cut.length - 1),
          ContentType.AVRO,
          "AVRO_MALFORMED null");
      inbound(producer, 53, unknown, ContentType.AVRO, "AVRO_UNKNOWN_SCHEMA null");
      inbound(producer, 54, bytes(user(54).event()), user(54).email(), "UNKNOWN_CONTENT_TYPE null");
      inbound(producer, 55, oversize(55), ContentType.JSON, "PAYLOAD_TOO_LARGE null");
      raw(producer, "user", bytes(user(56).event()), "AVRO_MALFORMED null");
      raw(producer, "another", rawRecord(57), "KEY_MISMATCH user_id");
      producer.flush();
    }
  }

  private void inbound(
      Producer<byte[], byte[]> producer,
      int n,
      byte[] payload,
      String contentType,
      String outcome) {
    List<Header> headers =
        List.of(
            new RecordHeader("content-type", bytes(contentType)),
            new RecordHeader("x-phone", bytes(user(n).phone())));
    var unused =
        producer.send(
            new ProducerRecord<>(
                Topics.INBOUND.name(), null, bytes(user(n).email()), payload, headers));
    expect(outcome);
  }

  private void raw(Producer<byte[], byte[]> producer, String key, byte[] value, String outcome) {
    var unused = producer.send(new ProducerRecord<>(Topics.RAW.name(), bytes(key), value));
    expect(outcome);
  }

  private byte[] rawRecord(int n) {
    List<ConsumerRecord<byte[], byte[]>> activations =
        TopicReader.records(stack, Topics.ACTIVATIONS);
    MessageCodec<RawEventMessage> codec = MessageCodec.registered(stack.registry(), Topics.RAW);
    return codec.encode(
        RawEventMessage.newBuilder()
            .setIngestId("planted")
            .setSource("default")
            .setContentType(ContentType.JSON)
            .setPayload(ByteBuffer.wrap(bytes(user(n).event())))
            .setReceivedAt(Instant.parse("2026-01-05T12:00:00Z"))
            .setActivationOffset(activations.get(activations.size() - 1).offset())
            .build());
  }

  private void inFiles() throws Exception {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(bytes(lines(60)));
    }
    send(
        "/v1/files?name=" + VISIBLE + "-upload.ndjson.gz",
        NDJSON,
        gzip.toByteArray(),
        202,
        "Content-Encoding",
        "gzip");
    land(
        "members/" + VISIBLE + "-members.csv",
        user(70).row()
            + user(71).row().replaceFirst(",", ",\"a\"b")
            + user(72).row().replaceFirst(",", ",,,"));
    expect("CLEAN");
    expect("CSV_MALFORMED null");
    expect("CSV_MALFORMED null");
    land("default/" + VISIBLE + "-cut.json", "[" + user(73).event() + ", ");
    land("default/" + VISIBLE + "-other.csv", user(74).row());
    land("nobody/" + VISIBLE + "-waits.ndjson", user(75).event());
    Path failed = stack.home().landing().resolve(".failed").resolve("default");
    Path log = stack.home().log(Service.INGEST.moduleName());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Files.exists(failed.resolve(VISIBLE + "-cut.json"))
                    && Files.exists(failed.resolve(VISIBLE + "-other.csv"))
                    && Files.readString(log).contains(VISIBLE + "-waits.ndjson waits"));
  }

  /** Three events, of three users from that on: a good one, one with a bad value, and none. */
  private String lines(int n) {
    expect("CLEAN");
    expect("INVALID_EMAIL email");
    expect("JSON_MALFORMED null");
    return String.join(
        "\n",
        user(n).event(),
        user(n + 1).event(with("email", user(n + 1).email() + "@")),
        user(n + 2).members());
  }

  /** Written beside the landing folder and moved into it, so that nobody sees half of it. */
  private void land(String place, String content) throws IOException {
    Path landing = stack.home().landing();
    Path target = landing.resolve(place);
    Files.createDirectories(target.getParent());
    Files.move(Files.writeString(landing.resolve(".test"), content), target);
  }

  private void byCommand() throws IOException {
    // Below the landing folder, since it is an input as well; what begins with a dot is not taken.
    Path file = stack.home().landing().resolve(".published");
    Files.writeString(file, lines(80));
    command("publish", file.toString(), "--source", "default");
  }

  private static PlantedUser user(int n) {
    return new PlantedUser(n);
  }

  private void expect(String outcome) {
    expected.merge(outcome, 1L, Long::sum);
  }

  private void post(String event, String outcome) throws Exception {
    send("/v1/events", event, 202);
    expect(outcome);
  }

  private void send(String path, String json, int status) throws Exception {
    send(path, ContentType.JSON, bytes(json), status);
  }

  private void send(String path, String contentType, byte[] body, int status, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(stack.url(Service.INGEST) + path))
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(status);
    answers.append(answer.headers().map()).append(answer.body());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}

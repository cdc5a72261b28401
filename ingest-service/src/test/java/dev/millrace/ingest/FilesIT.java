package dev.millrace.ingest;

import static dev.millrace.ingest.Http.gzip;
import static dev.millrace.ingest.Http.json;
import static dev.millrace.ingest.Http.requireProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.CanonicalHash;
import dev.millrace.ingest.RawTopic.Raw;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.Surroundings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class FilesIT {

  private static final String FILES = "/v1/files";
  private static final String CLICKSTREAM = FILES + "?source=clickstream";
  private static final String HEADER =
      "customer_id,time_stamp,click_event_type,product_name,product_category,product_price,"
          + "total_price_of_basket,items_in_basket,distinct_items_in_basket,session_duration";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path landing;
  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static Http http;
  private static RawTopic rawTopic;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    surroundings.activateBundledSource("clickstream");
    service = run();
    http = new Http(service);
    rawTopic = new RawTopic(surroundings);
  }

  @AfterAll
  static void stop() {
    rawTopic.close();
    service.close();
  }

  private static ConfigurableApplicationContext run(String... more) {
    String[] arguments = {
      "--millrace.ingest.landing=" + landing, "--millrace.ingest.scan-every=100ms"
    };
    return SpringApplication.run(
        IngestApplication.class,
        surroundings.arguments(
            Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new)));
  }

  private static String click(String user) {
    return user + ",2026-01-01T12:00:00Z,view,p-1,books,1.5,3.0,2,1,10";
  }

  private static String event(String user, int id) {
    return """
        {"user_id": "%s", "event_id": "f-%d", "event_time": "2026-01-01T11:59:00Z", "event_type": "view"}"""
        .formatted(user, id);
  }

  private static JsonNode uploaded(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    JsonNode status = json(answer);
    assertThat(answer.headers().firstValue("Location"))
        .hasValue(
            FILES
                + "/"
                + status.path("sha256").asText()
                + "?source="
                + status.path("source").asText());
    return awaitStatus(http, status.path("sha256").asText(), "done");
  }

  private static JsonNode awaitStatus(Http http, String sha256, String state) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> json(http.get(FILES + "/" + sha256)),
            status -> status.path("state").asText().equals(state));
  }

  /** Its records in the order of the file. */
  private static List<Raw> rawsOf(String sha256) {
    return rawTopic.all().stream()
        .filter(raw -> sha256.equals(raw.message().getFileSha256()))
        .sorted(Comparator.comparing(raw -> raw.message().getFileLine()))
        .toList();
  }

  private static String sha256(byte[] content) {
    return CanonicalHash.sha256Hex(content);
  }

  private static void drop(String path, byte[] content) throws IOException {
    Path target = landing.resolve(path);
    Files.createDirectories(target.getParent());
    Path part = Files.write(landing.resolve(".dropped"), content);
    Files.move(part, target, ATOMIC_MOVE);
  }

  // Upload

  @Test
  void everyRecordOfACsvFileIsARawRecordThatNamesFileAndLine() {
    String quoted = "cat,2026-01-01T12:00:00Z,view,\"p\n2\",books,1.5,3.0,2,1,10";
    byte[] file =
        ("\ufeff"
                + HEADER
                + "\r\n"
                + click("ann")
                + "\r\n\r\n"
                + "ann,bad\n"
                + quoted
                + "\n"
                + "bob,\"never closed\n"
                + click("dan"))
            .getBytes(UTF_8);
    Instant before = Instant.now();

    JsonNode status =
        uploaded(http.post(CLICKSTREAM + "&name=clicks-1.csv", "text/csv; charset=utf-8", file));

    List<Raw> raws = rawsOf(sha256(file));
    assertThat(raws)
        .extracting(raw -> new String(raw.payload(), UTF_8))
        .containsExactly(click("ann"), "ann,bad", quoted, "bob,\"never closed", click("dan"));
    assertThat(raws)
        .extracting(raw -> raw.message().getFileLine())
        .containsExactly(2L, 4L, 5L, 7L, 8L);
    assertThat(raws)
        .extracting(Raw::key)
        .containsExactly(
            "ann",
            sha256("ann,bad".getBytes(UTF_8)).substring(0, 32),
            "cat",
            sha256("bob,\"never closed".getBytes(UTF_8)).substring(0, 32),
            "dan");
    assertThat(raws)
        .allSatisfy(
            raw -> {
              assertThat(raw.message().getFileName()).isEqualTo("clicks-1.csv");
              assertThat(raw.message().getSource()).isEqualTo("clickstream");
              assertThat(raw.message().getContentType()).isEqualTo(ContentType.CSV);
              assertThat(raw.message().getInbound()).isNull();
              assertThat(raw.message().getReceivedAt())
                  .isEqualTo(raws.get(0).message().getReceivedAt())
                  .isBetween(before, Instant.now());
            });
    assertThat(raws).extracting(raw -> raw.message().getIngestId()).doesNotHaveDuplicates();
    assertThat(status.path("name").asText()).isEqualTo("clicks-1.csv");
    assertThat(status.path("source").asText()).isEqualTo("clickstream");
    assertThat(status.path("percent").asInt()).isEqualTo(100);
    assertThat(status.path("records").asLong()).isEqualTo(5);
    assertThat(status.path("lines").asLong()).isEqualTo(7);
    assertThat(status.path("bytes").asLong()).isEqualTo(file.length);
    assertThat(status.path("inflated_bytes").asLong()).isEqualTo(file.length);
    assertThat(status.has("received_at")).isTrue();
    assertThat(status.has("finished_at")).isTrue();
    assertThat(status.has("error")).isFalse();
  }

  @Test
  void linesAndArraysOfJsonAreTakenPlainAndAsGzip() {
    String lines = event("eve", 1) + "\n{broken\n" + event("eve", 2);
    String array = "[" + event("fay", 1) + ", {\"broken\": },\n" + event("fay", 2) + "]";

    for (String content : List.of(lines, array)) {
      String type = content.startsWith("[") ? ContentType.JSON : EventsController.NDJSON;
      byte[] plain = content.getBytes(UTF_8);
      byte[] compressed = gzip((content + "\n").getBytes(UTF_8));

      uploaded(http.post(FILES, type, plain));
      JsonNode status = uploaded(http.post(FILES, type, compressed, "Content-Encoding", "gzip"));

      assertThat(rawsOf(sha256(plain))).hasSize(3);
      assertThat(rawsOf(sha256(compressed)))
          .extracting(raw -> new String(raw.payload(), UTF_8))
          .containsExactlyElementsOf(
              rawsOf(sha256(plain)).stream().map(raw -> new String(raw.payload(), UTF_8)).toList());
      assertThat(status.path("inflated_bytes").asLong()).isEqualTo(plain.length + 1);
      assertThat(rawsOf(sha256(plain)))
          .extracting(raw -> raw.message().getIngestId())
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void eventsOfOneUserKeepTheOrderOfTheFile() {
    byte[] file =
        IntStream.range(0, 30_000)
            .mapToObj(i -> event("u-" + i % 7, i))
            .collect(Collectors.joining("\n"))
            .getBytes(UTF_8);

    uploaded(http.post(FILES, EventsController.NDJSON, file));

    String sha256 = sha256(file);
    List<Raw> raws =
        rawTopic.all().stream()
            .filter(raw -> sha256.equals(raw.message().getFileSha256()))
            .toList();
    assertThat(raws).hasSize(30_000);
    raws.stream()
        .collect(Collectors.groupingBy(Raw::key))
        .values()
        .forEach(
            ofOneUser ->
                assertThat(ofOneUser).extracting(raw -> raw.message().getFileLine()).isSorted());
  }

  @Test
  void theSameContentIsTakenOnceWhateverItIsCalled() throws IOException {
    byte[] file = (event("gus", 1) + "\n" + event("gus", 2)).getBytes(UTF_8);
    uploaded(http.post(FILES + "?name=one.ndjson", EventsController.NDJSON, file));

    HttpResponse<String> again =
        http.post(FILES + "?name=two.ndjson", EventsController.NDJSON, file);
    drop("default/three.ndjson", file);

    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(json(again).path("state").asText()).isEqualTo("done");
    assertThat(json(again).path("name").asText()).isEqualTo("one.ndjson");
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(landing.resolve(".done/default/three.ndjson")));
    assertThat(rawsOf(sha256(file))).hasSize(2);
  }

  @Test
  void theSameContentUnderAnotherSourceOrCutAnotherWayIsAnotherTaking() throws IOException {
    surroundings.activateSource(
        """
        source: other-shop
        version: 1
        format: json
        fields:
          user_id: {from: /user_id}
          event_time: {from: /event_time}
          event_type: {from: /event_type}
        """);
    byte[] file = ("[" + event("hue", 1) + ",\n" + event("hue", 2) + "]").getBytes(UTF_8);

    uploaded(http.post(FILES + "?name=mistaken.ndjson", EventsController.NDJSON, file));
    http.post(FILES + "?name=x.json", ContentType.JSON, file);
    awaitName("x.json", sha256(file), "default");
    drop("other-shop/y.json", file);
    awaitName("y.json", sha256(file), "other-shop");

    assertThat(rawsOf(sha256(file)))
        .extracting(raw -> raw.message().getSource() + " " + raw.message().getFileName())
        .containsExactlyInAnyOrder(
            "default mistaken.ndjson",
            "default mistaken.ndjson",
            "default x.json",
            "default x.json",
            "other-shop y.json",
            "other-shop y.json");
    assertThat(rawsOf(sha256(file)))
        .extracting(raw -> raw.message().getIngestId())
        .doesNotHaveDuplicates();
    assertThat(json(http.get(FILES + "/" + sha256(file))).path("name").asText())
        .as("the one begun last")
        .isEqualTo("y.json");
    assertThat(http.get(FILES + "/" + sha256(file) + "?source=clickstream").statusCode())
        .isEqualTo(404);
    assertThat(http.post(FILES + "?name=z.json", ContentType.JSON, file).statusCode())
        .isEqualTo(200);
  }

  private static void awaitName(String name, String sha256, String source) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> json(http.get(FILES + "/" + sha256 + "?source=" + source)),
            status ->
                status.path("state").asText().equals("done")
                    && status.path("name").asText().equals(name));
  }

  @Test
  void aFileWithoutEventsIsDoneAtOnce() {
    byte[] file = (HEADER + "\n\n").getBytes(UTF_8);

    JsonNode status = uploaded(http.post(CLICKSTREAM, ContentType.CSV, file));

    assertThat(status.path("records").asLong()).isZero();
    assertThat(rawsOf(sha256(file))).isEmpty();
  }

  @Test
  void aRequestWithoutSenseIsRefusedAndLeavesNothing() throws IOException {
    String line = event("hal", 1);

    requireProblem(http.post(FILES, "application/zip", line), 415);
    requireProblem(http.post(FILES, EventsController.NDJSON, line, "Content-Encoding", "br"), 415);
    requireProblem(
        http.post(FILES, EventsController.NDJSON, line, "Content-Encoding", "gzip"), 400);
    requireProblem(http.post(FILES, EventsController.NDJSON, ""), 400);
    requireProblem(http.post(FILES + "?source=nobody", EventsController.NDJSON, line), 400);
    requireProblem(http.post(FILES + "?source=..", EventsController.NDJSON, line), 400);
    for (String name : List.of("x.csv", "..%2Fx.ndjson", ".x.ndjson", "x", "a%00.ndjson")) {
      requireProblem(http.post(FILES + "?name=" + name, EventsController.NDJSON, line), 400);
    }
    requireProblem(http.get(FILES + "/" + "0".repeat(64)), 404);
    requireProblem(http.get(FILES + "/nonsense"), 404);
    try (var parts = Files.list(landing.resolve(".uploads"))) {
      assertThat(parts).isEmpty();
    }
  }

  @Test
  void aFileThatIsTooLargeIsAnsweredWith413WhetherItSaysSoOrNot() {
    try (ConfigurableApplicationContext small =
        run(
            "--millrace.ingest.max-file=1KB",
            "--millrace.ingest.landing=" + landing.resolve(".small"),
            "--spring.cloud.stream.bindings.ingest-in-0.consumer.auto-startup=false")) {
      Http asked = new Http(small);
      byte[] body = event("hal", 2).repeat(20).getBytes(UTF_8);

      requireProblem(asked.post(FILES, EventsController.NDJSON, body), 413);
      requireProblem(
          asked.send(
              asked
                  .request(FILES)
                  .header("Content-Type", EventsController.NDJSON)
                  .POST(
                      HttpRequest.BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(body)))),
          413);
    }
  }

  // Refused

  @Test
  void aFileThatCannotBeReadIsRefusedWithItsReasonAndNothingOfItIsTaken() throws IOException {
    byte[] whole = gzip((event("ida", 1) + "\n").repeat(1_000).getBytes(UTF_8));
    byte[] cutOff = Arrays.copyOf(whole, whole.length - 10);
    byte[] endless = ("[" + event("ida", 2) + ",\n{").getBytes(UTF_8);
    byte[] otherFormat = (HEADER + "\n" + click("ida")).getBytes(UTF_8);

    drop("default/cut-off.ndjson.gz", cutOff);
    HttpResponse<String> array = http.post(FILES, ContentType.JSON, endless);
    HttpResponse<String> csv = http.post(FILES, ContentType.CSV, otherFormat);

    assertThat(array.statusCode()).isEqualTo(202);
    assertThat(csv.statusCode()).isEqualTo(202);
    assertThat(awaitStatus(http, sha256(cutOff), "failed").path("error").asText())
        .isEqualTo("It is no complete gzip file");
    assertThat(awaitStatus(http, sha256(endless), "failed").path("error").asText())
        .isEqualTo("The element that begins on line 2 does not end");
    assertThat(awaitStatus(http, sha256(otherFormat), "failed").path("error").asText())
        .isEqualTo("It is CSV by its name, and source default sends JSON");
    for (byte[] file : List.of(cutOff, endless, otherFormat)) {
      assertThat(rawsOf(sha256(file))).isEmpty();
    }
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(landing.resolve(".failed/default/cut-off.ndjson.gz")));

    // Sent again as what it is, it is taken.
    JsonNode again = uploaded(http.post(CLICKSTREAM, ContentType.CSV, otherFormat));
    assertThat(again.path("records").asLong()).isEqualTo(1);
    assertThat(again.has("error")).isFalse();
  }

  // Landing folder

  @Test
  void aFilePutIntoTheFolderOfItsSourceIsTakenAndKept() throws IOException {
    byte[] file = (click("joe") + "\n" + click("kim")).getBytes(UTF_8);

    drop("clickstream/2026-01-01/shop.csv", file);

    awaitStatus(http, sha256(file), "done");
    assertThat(rawsOf(sha256(file)))
        .extracting(raw -> raw.message().getFileName())
        .containsOnly("2026-01-01/shop.csv")
        .hasSize(2);
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(landing.resolve(".done/clickstream/2026-01-01/shop.csv")));
  }

  @Test
  void aFileWaitsUntilItsSourceIsActiveAndKeepsNobodyWaiting() throws IOException {
    byte[] early = event("lea", 1).getBytes(UTF_8);
    byte[] next = event("lea", 2).getBytes(UTF_8);

    drop("aaa-not-yet/early.ndjson", early);
    drop("default/unnamed.txt", early);
    drop("default/next.ndjson", next);
    awaitStatus(http, sha256(next), "done");
    assertThat(rawsOf(sha256(early))).isEmpty();
    surroundings.activateSource(
        """
        source: aaa-not-yet
        version: 1
        format: json
        fields:
          user_id: {from: /user_id}
          event_time: {from: /event_time}
          event_type: {from: /event_type}
        """);

    awaitStatus(http, sha256(early), "done");
    assertThat(rawsOf(sha256(early)).get(0).message().getSource()).isEqualTo("aaa-not-yet");
    assertThat(landing.resolve("default/unnamed.txt")).exists();
  }

  // Restart

  @Test
  void whoTakesOverTheFolderInTheMiddleGoesOnWhereTheOtherStopped() throws IOException {
    Path folder = landing.resolve(".handed-over");
    String[] arguments = {
      "--millrace.ingest.landing=" + folder,
      "--spring.cloud.stream.bindings.ingest-in-0.consumer.auto-startup=false"
    };
    int records = 150_000;
    byte[] file =
        gzip(
            IntStream.range(0, records)
                .mapToObj(i -> event("m-" + i % 100, i))
                .collect(Collectors.joining("\n"))
                .getBytes(UTF_8));
    try (ConfigurableApplicationContext first = run(arguments)) {
      new Http(first).post(FILES, EventsController.NDJSON, file);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(10))
          .until(
              () -> json(new Http(first).get(FILES + "/" + sha256(file))),
              status -> status.path("records").asLong() > 0);

      // The first one is alive, and shut out at once.
      try (ConfigurableApplicationContext second = run(arguments)) {
        JsonNode status = awaitStatus(new Http(second), sha256(file), "done");
        assertThat(status.path("records").asLong()).isEqualTo(records);
      }
    }

    List<Raw> raws = rawsOf(sha256(file));
    assertThat(raws.stream().map(raw -> raw.message().getFileLine()).toList())
        .isEqualTo(LongStream.rangeClosed(1, records).boxed().toList());
    assertThat(raws.stream().map(raw -> raw.message().getReceivedAt()).distinct()).hasSize(1);
  }

  @Test
  void itsProgressIsOnTheTopicFilesAndItsMetricsAreShown() {
    byte[] file = event("ned", 1).getBytes(UTF_8);

    uploaded(http.post(FILES, EventsController.NDJSON, file));

    assertThat(surroundings.read(Topics.FILES))
        .filteredOn(record -> record.key().equals(sha256(file) + "/default/json_lines"))
        .hasSize(2);
    assertThat(http.get("/actuator/prometheus").body())
        .contains("millrace_files_taken_total")
        .contains("millrace_files_finished_total")
        .contains("millrace_files_failed_total")
        .contains("millrace_files_lines_total")
        .contains("millrace_events_accepted_total{door=\"file\"}");
  }
}

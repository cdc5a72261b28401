package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.core.Activation;
import dev.millrace.core.Reason;
import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.GeneratedEvent;
import dev.millrace.local.generator.GeneratedEvents;
import dev.millrace.local.generator.Kind;
import dev.millrace.local.generator.Plan;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schema.ViolationMessage;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.Topics;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The whole pipeline, as {@code ./millrace} runs it: the services' own jars behind their topics and
 * REST interfaces. One stack for all tests; each has its own users.
 */
class SystemIT {

  /** What one score says; the place on the log is left out, and an id made from the payload. */
  private record Scored(
      String user, String eventId, String model, double score, String vectorSha256) {}

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration FRESHNESS = Duration.ofSeconds(2);
  private static final long MAX_RESIDENT_BYTES = 4L * 1024 * 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final Console CONSOLE = new Console(System.out, false);

  private static Stack stack;
  private static Demo.Outcome demo;

  @BeforeAll
  static void runADemo() {
    long startedAt = System.currentTimeMillis();
    stack = Stack.claim(Homes.in(Path.of("target", "system").toAbsolutePath()), CONSOLE);
    stack.start();
    demo = demo(startedAt, List.of()).run(new GeneratedEvents(Plan.of(1, "user-", 500, 5_000)));
    System.out.println(demo.report());
  }

  private static Demo demo(long startedAt, List<Service> killed) {
    return new Demo(stack, CONSOLE, startedAt, PATIENCE, new Kills(stack, CONSOLE, killed));
  }

  @AfterAll
  static void stop() {
    stack.close();
    assertThat(stack.failure()).isNotDone();
  }

  @Test
  void everyGeneratedEventHasItsOutcome() {
    Summary summary = demo.summary();

    assertThat(summary.published()).isEqualTo(5_000);
    assertThat(summary.raw()).isEqualTo(5_000);
    assertAllAsExpected(demo);
    assertThat(summary.features()).isEqualTo(summary.clean());
    assertThat(summary.scores()).isEqualTo(summary.features());
    assertThat(summary.ports()).hasSize(8);
  }

  @Test
  void theLakeHasARowForEachRecord() {
    assertThat(demo.landed().rows()).hasSize(7).isEqualTo(demo.landed().records());
    assertThat(demo.summary().tables())
        .containsEntry("events_raw", demo.summary().raw())
        .containsEntry("scores", demo.summary().scores());
  }

  private static void assertAllAsExpected(Demo.Outcome outcome) {
    Truth.Verdict truth = Objects.requireNonNull(outcome.summary().truth());
    assertThat(truth.differences()).isEmpty();
    assertThat(truth.asExpected())
        .isEqualTo(truth.expected())
        .isEqualTo(outcome.summary().published());
    assertThat(truth.kinds()).isGreaterThan(40);
  }

  @Test
  void anEventThatDoesNotComeToItsEndIsToldWithItsPlace() {
    Iterator<GeneratedEvent> events =
        List.of(
                new GeneratedEvent(
                    event("mistaken", "e-1").getBytes(UTF_8), new Expectation(null, "mistaken")),
                new GeneratedEvent(
                    event("mistaken", "e-2").getBytes(UTF_8),
                    new Expectation(Kind.MISSING_TYPE, "mistaken")))
            .iterator();

    Demo.Outcome outcome = demo(System.currentTimeMillis(), List.of()).run(events);

    assertThat(outcome.isAsExpected()).isFalse();
    Truth.Verdict truth = Objects.requireNonNull(outcome.summary().truth());
    assertThat(truth.asExpected()).isEqualTo(1);
    assertThat(truth.differences())
        .singleElement()
        .asString()
        .startsWith(
            "line 2 (missing_type): expected quarantined (MISSING_FIELD event_type), found clean; events.raw partition ");
  }

  @Test
  void theWholeStackFitsIntoFourGigabytes() throws IOException {
    StackFile running = stack.description();
    Map<String, Long> resident = new LinkedHashMap<>();
    // Here the JVM of these tests keeps the stack up, which is larger than ./millrace.
    resident.put("millrace", residentBytes(running.owner().pid()));
    for (StackFile.Part part : running.parts()) {
      resident.put(part.name(), residentBytes(part.process().pid()));
    }
    resident.forEach((name, bytes) -> System.out.printf("%-20s %5d MB%n", name, bytes >> 20));

    assertThat(resident).hasSize(9).allSatisfy((name, bytes) -> assertThat(bytes).isPositive());
    assertThat(resident.values().stream().mapToLong(Long::longValue).sum())
        .isLessThan(MAX_RESIDENT_BYTES);
  }

  private static long residentBytes(long pid) throws IOException {
    try (Stream<String> status = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return status
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum()
          * 1024;
    }
  }

  @Test
  void aPostedEventIsAScoreWithinTwoSeconds() throws Exception {
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      millis.add(millisToScore("http", "e-" + i));
    }
    System.out.println("milliseconds from POST to the score behind GET: " + millis);

    // The first one warms up the way; a busy machine may delay one or two of the others.
    List<Long> warm = new ArrayList<>(millis.subList(1, millis.size()));
    Collections.sort(warm);
    assertThat(Duration.ofMillis(warm.get(warm.size() / 2))).isLessThanOrEqualTo(FRESHNESS);
  }

  private static long millisToScore(String user, String eventId) throws Exception {
    long start = System.nanoTime();
    assertThat(post(event(user, eventId)).statusCode()).isEqualTo(202);
    awaitScore(user, eventId);
    return (System.nanoTime() - start) / 1_000_000;
  }

  @Test
  void aScoreComesWithTheVectorThatMadeIt() throws Exception {
    post(event("vector", "e-1"));

    JsonNode answer = awaitScore("vector", "e-1");

    JsonNode score = answer.path("scores").get(0);
    assertThat(answer.path("user_id").asText()).isEqualTo("vector");
    assertThat(score.path("model").asText()).isEqualTo("activity-bootstrap");
    assertThat(score.path("score").asDouble()).isBetween(0.0, 1.0);
    assertThat(score.path("vector").path("events_24h").asLong()).isEqualTo(1);
    assertThat(score.path("vector").path("value_sum_24h").asLong()).isEqualTo(9_990_000);
    assertThat(get(stack.url(Service.FEATURES) + "/v1/users/vector/features").statusCode())
        .isEqualTo(200);
  }

  @Test
  void aUserWithoutEventsIsUnknown() throws Exception {
    HttpResponse<String> answer = get(stack.url(Service.SCORING) + "/v1/users/nobody/scores");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
  }

  @Test
  void theSameEventPostedAgainChangesNothing() throws Exception {
    post(event("twice", "e-1"));
    JsonNode before = awaitScore("twice", "e-1").path("scores").get(0);

    assertThat(post(event("twice", "e-1")).statusCode()).isEqualTo(202);
    await().atMost(PATIENCE).until(() -> keys(Topics.DUPLICATES).contains("twice"));
    // What is sent after it is scored after it: by then a second score would be there.
    post(event("twice", "e-2"));
    awaitScore("twice", "e-2");

    assertThat(scoresOf("twice").stream().map(ScoreMessage::getEventId))
        .containsExactly("e-1", "e-2");
    assertThat(scoresOf("twice").get(0).getScore()).isEqualTo(before.path("score").asDouble());
    assertThat(Collections.frequency(keys(Topics.RAW), "twice")).isEqualTo(3);
    assertThat(Collections.frequency(keys(Topics.CLEAN), "twice")).isEqualTo(2);
  }

  @Test
  void aMalformedEventIsQuarantinedWithItsReason() throws Exception {
    HttpResponse<String> answer = post("{\"user_id\": \"torn\", \"event_id\": ");
    assertThat(answer.statusCode()).isEqualTo(202);
    String ingestId = JSON.readTree(answer.body()).path("ingest_id").asText();

    QuarantinedEventMessage quarantined =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    TopicReader.<QuarantinedEventMessage>messages(stack, Topics.QUARANTINED)
                        .stream()
                        .filter(message -> ingestId.equals(message.getIngestId()))
                        .findFirst(),
                Optional::isPresent)
            .orElseThrow();

    assertThat(quarantined.getStage()).isEqualTo(Counts.CLEANSING);
    assertThat(quarantined.getViolations())
        .extracting(ViolationMessage::getRule)
        .containsExactly(Reason.JSON_MALFORMED.name());
  }

  @Test
  void anEventFromKcatGoesTheSameWay() throws Exception {
    boolean found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kcat")));
    // Where the tests count, it has to be there.
    assumeTrue(
        found || Boolean.parseBoolean(System.getenv("CI")),
        "kcat is not on the PATH (Debian: apt-get install kcat)");

    Process kcat =
        new ProcessBuilder("kcat", "-P", "-b", stack.bootstrapServers(), "-t", "events.inbound")
            .redirectErrorStream(true)
            .start();
    try (var stdin = kcat.getOutputStream()) {
      stdin.write((event("kcat", "e-1") + "\n").getBytes(UTF_8));
    }
    assertThat(new String(kcat.getInputStream().readAllBytes(), UTF_8)).isEmpty();
    assertThat(kcat.waitFor()).isZero();

    assertThat(awaitScore("kcat", "e-1").path("scores")).hasSize(1);
  }

  @Test
  void aForeignClientReadsScoresThroughTheRegistry() throws Exception {
    ConsumerRecord<byte[], byte[]> any = TopicReader.records(stack, Topics.SCORES).get(0);

    Class<?> genuine = Class.forName("io.confluent.kafka.serializers.KafkaAvroDeserializer");
    try (Deserializer<?> confluent =
        genuine.asSubclass(Deserializer.class).getConstructor().newInstance()) {
      confluent.configure(Map.of("schema.registry.url", stack.registryUrl()), false);
      GenericRecord score = (GenericRecord) confluent.deserialize("scores", any.value());

      assertThat(score.get("user_id")).hasToString(new String(any.key(), UTF_8));
      assertThat((Double) score.get("score")).isBetween(0.0, 1.0);
    }
  }

  /** Two runs over the same events, one of them through four kills: no value may differ. */
  @Test
  void killingEachServiceInTurnChangesNoOutcomeAndNoScore() throws Exception {
    Demo.Outcome disturbed = runSmallShop("killed-", List.of(Service.values()));
    System.out.printf("%d ms to a score after the kills%n", millisToScore("survivor", "e-1"));
    Demo.Outcome undisturbed = runSmallShop("spared-", List.of());

    assertAllAsExpected(disturbed);
    assertAllAsExpected(undisturbed);
    for (Topics.Topic topic : Topics.ALL) {
      assertThat(disturbed.counts().in(topic))
          .as(topic.name())
          .isEqualTo(undisturbed.counts().in(topic));
    }
    List<Scored> killed = scored("killed-");
    assertThat(killed).hasSize((int) disturbed.summary().clean()).doesNotHaveDuplicates();
    assertThat(killed).containsExactlyInAnyOrderElementsOf(scored("spared-"));
  }

  private static Demo.Outcome runSmallShop(String userPrefix, List<Service> killed) {
    return demo(System.currentTimeMillis(), killed)
        .run(new GeneratedEvents(Plan.of(2, userPrefix, 800, 8_000)));
  }

  private static List<Scored> scored(String prefix) {
    return TopicReader.<ScoreMessage>messages(stack, Topics.SCORES).stream()
        .filter(score -> score.getUserId().startsWith(prefix))
        .map(
            score ->
                new Scored(
                    score.getUserId().substring(prefix.length()),
                    // Made from the payload, in which the users of the two runs differ.
                    score.getEventId().matches("[0-9a-f]{32}") ? "derived" : score.getEventId(),
                    score.getModel(),
                    score.getScore(),
                    score.getVectorSha256()))
        .toList();
  }

  @Test
  void theCommandsFindTheRunningStack() throws Exception {
    Home home = stack.home();
    Path file = home.work().resolve("web.ndjson");
    Files.writeString(file, event("cli", "e-1") + "\n\n" + event("cli", "e-2") + "\r\n{\n");

    Cli published = Cli.run(home, "publish", file.toString(), "--source", "default");
    Cli unknown = Cli.run(home, "publish", file.toString(), "--source", "nowhere");
    Cli status = Cli.run(home, "status");

    assertThat(published.exitCode()).as(published.err()).isZero();
    assertThat(published.out())
        .contains(
            "3 events of",
            "1 blank line was skipped",
            "In 1 event the user could not be read",
            "3 accepted as raw: 2 clean, 0 duplicates, 1 quarantined.",
            "See why: ./millrace quarantined");
    awaitScore("cli", "e-2");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("Active are:", "clickstream", "default");
    assertThat(status.exitCode()).as(status.err()).isZero();
    assertThat(status.out())
        .contains("kafka", "scoring-service", "events.raw")
        .contains("contract/user-activity@", "model/activity-bootstrap@1")
        .contains("feature-set/user-activity@1")
        .doesNotContain("dead");
  }

  @Test
  void whatIsQuarantinedIsShownWithAllItsReasons() throws Exception {
    Home home = stack.home();
    Path file = home.work().resolve("refused.ndjson");
    Files.writeString(
        file, "{\"user_id\": \"refused\"}\n{\"user_id\": \"refused\", \"value\": \"x\"}\n");

    Cli published = Cli.run(home, "publish", file.toString(), "--source", "default");
    Cli one = Cli.run(home, "quarantined", "--last", "1");
    Cli all = Cli.run(home, "quarantined", "--last", "100000");

    assertThat(published.out())
        .contains("2 accepted as raw: 0 clean, 0 duplicates, 2 quarantined.")
        .endsWith("See why: ./millrace quarantined\n");
    assertThat(one.exitCode()).as(one.err()).isZero();
    assertThat(one.out())
        .contains("arrived", "default", "cleansing", "MISSING_FIELD", "event_time", "WRONG_TYPE")
        .contains("1 event. Origin is partition:offset on events.raw");
    assertThat(all.out().lines().filter(line -> line.contains("  cleansing  ")).count())
        .isEqualTo(TopicReader.records(stack, Topics.QUARANTINED).size());
  }

  @Test
  void theLatestAreFoundHoweverFarBackTheyAre() {
    assertThat(latestQuarantined(30, 1))
        .hasSize(30)
        .isEqualTo(latestQuarantined(30, 1_000_000))
        .isSortedAccordingTo(Comparator.comparing(Quarantined::when));
  }

  private static List<Quarantined> latestQuarantined(int number, int firstLook) {
    try (Consumer<byte[], byte[]> consumer = CommittedRecords.consumer(stack.bootstrapServers())) {
      return new QuarantineTopic(consumer, stack.registry(), firstLook).latest(number);
    }
  }

  @Test
  void anActivatedSourceReadsTheEventsThatComeAfterIt() throws Exception {
    Home home = stack.home();
    Path mapping = home.work().resolve("shouted.yaml");
    String yaml =
        """
        source: shouted
        version: 1
        format: json
        fields:
          user_id:    {from: /WHO}
          event_time: {from: /WHEN, time: iso_8601, zone: UTC}
          event_type: {constant: shout}
          event_id:   {from: /ID}
        """;
    Files.writeString(mapping, yaml);
    Path file = home.work().resolve("shouted.ndjson");
    Files.writeString(file, shout("shouter") + "\n");

    Cli activated =
        Cli.run(home, "activate", mapping.toString(), "--reason", "a test of the system");
    HttpResponse<String> posted = post("?source=shouted", shout("poster"));
    Cli published = Cli.run(home, "publish", file.toString(), "--source", "shouted");
    Cli again = Cli.run(home, "activate", mapping.toString());
    Files.writeString(mapping, yaml.replace("/WHO", "/WHOM"));
    Cli changed = Cli.run(home, "activate", mapping.toString());

    assertThat(activated.exitCode()).as(activated.err()).isZero();
    assertThat(activated.out())
        .contains("source/shouted@1", "Active from offset", "Active in all 4 services.");
    assertThat(posted.statusCode()).as(posted.body()).isEqualTo(202);
    assertThat(again.out())
        .contains("Already active", "Nothing was written", "Active in all 4 services.");
    assertThat(changed.exitCode()).isEqualTo(1);
    assertThat(changed.err()).contains("Raise its version");
    assertThat(published.exitCode()).as(published.err()).isZero();
    awaitScore("poster", "e-1");
    awaitScore("shouter", "e-1");
  }

  @Test
  void aSetWhoseTopicIsThereWithOtherPartitionsIsNotActivated() throws Exception {
    Home home = stack.home();
    Path file = home.work().resolve("narrow.yaml");
    Files.writeString(
        file,
        """
        feature_set: narrow
        version: 1
        entity: user_id
        source: events.clean
        features: [{name: events, op: count, windows: [1h]}]
        """);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      KafkaTopics.create(List.of(Topics.features("narrow", 1)), 1, admin);
    }

    Cli refused = Cli.run(home, "activate", file.toString());

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("features.narrow is there already with 1 partitions, and events.clean has 4");
    assertThat(
            ActivationLog.read(stack.bootstrapServers(), stack.registry())
                .active(Activation.FEATURE_SET))
        .noneMatch(set -> set.name().equals("narrow"));
  }

  @Test
  void aFeatureThatIsAddedIsActivatedAsAVersionBesideTheOneThatModelsArePinnedTo()
      throws Exception {
    Home home = stack.home();
    Path file = home.work().resolve("user-activity.yaml");
    String yaml = Files.readString(home.schemas().resolve("feature-sets/user-activity.yaml"));
    int next = FeatureSetDeclaration.compile("shipped", yaml).set().version() + 1;
    String line = "  - {name: adds, op: count, where: \"event_type == 'add'\", windows: [24h]}\n";
    Files.writeString(
        file,
        yaml.replaceFirst("(?m)^version: .*$", "version: " + next)
            .replaceFirst("(?m)^features:\n", "features:\n" + line));

    Cli activated = Cli.run(home, "activate", file.toString());
    assertThat(post(event("adder", "e-1")).statusCode()).isEqualTo(202);

    assertThat(activated.exitCode()).as(activated.err()).isZero();
    assertThat(activated.out())
        .contains("feature-set/user-activity@" + next, "Active in all 4 services.");
    FeatureVectorMessage vector =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    TopicReader.<FeatureVectorMessage>messages(
                            stack, Topics.features("user-activity", next))
                        .stream()
                        .filter(message -> message.getUserId().equals("adder"))
                        .findFirst(),
                Optional::isPresent)
            .get();
    assertThat(vector.getFeatureSetVersion()).isEqualTo(next);
    awaitScore("adder", "e-1");
    HttpResponse<String> features =
        get(
            stack.url(Service.FEATURES)
                + "/v1/users/adder/features?feature_set=user-activity@"
                + next);
    assertThat(features.statusCode()).as(features.body()).isEqualTo(200);
    assertThat(features.body()).contains("\"adds_24h\"");
  }

  private static String shout(String user) {
    return "{\"WHO\": \"%s\", \"WHEN\": \"2026-01-05T00:00:00Z\", \"ID\": \"e-1\"}".formatted(user);
  }

  /** Real events, which are no part of the project: -Dmillrace.data names their directory. */
  @Test
  @EnabledIfSystemProperty(named = "millrace.data", matches = ".+")
  void everyRealEventHasItsOutcome() {
    Path file = Homes.ROOT.resolve(System.getProperty("millrace.data")).resolve("clickstream.csv");
    try (TopicCounts topics = TopicCounts.fromNowOn(stack.bootstrapServers(), stack.registry())) {

      Cli published = Cli.run(stack.home(), "publish", file.toString(), "--source", "clickstream");
      assertThat(published.out()).startsWith("10,000 events of");
      Counts end =
          await()
              .atMost(PATIENCE)
              .until(
                  () -> {
                    topics.poll(Duration.ofMillis(100));
                    return topics.counts();
                  },
                  counts -> counts.out(stack.models()) == 10_000);

      assertThat(end.missing(10_000, stack.models())).isEmpty();
      assertThat(end.scores()).isEqualTo(end.clean());
    }
  }

  private static String event(String user, String eventId) {
    return JSON.createObjectNode()
        .put("user_id", user)
        .put("event_id", eventId)
        .put("event_time", "2026-01-05T12:00:00Z")
        .put("event_type", "purchase")
        .put("product_id", "p-1")
        .put("value", 9.99)
        .toString();
  }

  private static HttpResponse<String> post(String body) throws Exception {
    return post("", body);
  }

  private static HttpResponse<String> post(String query, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(stack.url(Service.INGEST) + "/v1/events" + query))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Waits until that event's score is the latest of the user. */
  private static JsonNode awaitScore(String user, String eventId) {
    String url = stack.url(Service.SCORING) + "/v1/users/" + user + "/scores";
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> JSON.readTree(get(url).body()),
            answer -> answer.path("scores").path(0).path("event_id").asText().equals(eventId));
  }

  private static List<ScoreMessage> scoresOf(String user) {
    return TopicReader.<ScoreMessage>messages(stack, Topics.SCORES).stream()
        .filter(score -> score.getUserId().equals(user))
        .toList();
  }

  private static List<String> keys(Topics.Topic topic) {
    return TopicReader.records(stack, topic).stream()
        .map(message -> new String(message.key(), UTF_8))
        .toList();
  }
}

package dev.millrace.scoring;

import static dev.millrace.model.LogisticRegression.Transform.LOG1P;
import static dev.millrace.model.LogisticRegression.Transform.NONE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.model.FeatureSetPin;
import dev.millrace.model.LogisticRegression;
import dev.millrace.model.LogisticRegression.Term;
import dev.millrace.model.ModelDirectoryWriter;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.LocalRedis;
import dev.millrace.streams.PublishedApi;
import dev.millrace.streams.Surroundings;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import org.yaml.snakeyaml.Yaml;

class ScoringApplicationIT {

  private static final FeatureSet SET =
      FeatureSetDeclaration.compile("bundled", Surroundings.bundledFeatureSet()).set();
  private static final String MODEL = "activity-bootstrap";
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Values and probabilities as the model's golden vectors have them. */
  private static final List<Object> QUIET =
      values(
          Map.of(
              "events_10m", 1L,
              "events_1h", 1L,
              "events_24h", 1L,
              "value_sum_10m", 0L,
              "value_sum_24h", 0L,
              "products_24h", 0L));

  private static final double QUIET_SCORE = 0.084664509;
  private static final List<Object> BURST =
      values(
          Map.of(
              "events_10m", 12L,
              "events_1h", 14L,
              "events_24h", 20L,
              "value_sum_10m", 35_910_000L,
              "value_sum_24h", 120_000_000L,
              "products_24h", 5L,
              "since_last_event", 2_000_000L));
  private static final double BURST_SCORE = 0.859915899;

  /** The values in the places of their columns; the others are missing. */
  private static List<Object> values(Map<String, Object> byColumn) {
    return SET.columnNames().stream().map(byColumn::get).collect(toCollection(ArrayList::new));
  }

  @TempDir private static Path folder;
  private static Surroundings surroundings;
  private static LocalRedis redis;
  private static ConfigurableApplicationContext service;
  private static MessageCodec<FeatureVectorMessage> codec;
  private static long activation;
  private static long sent;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    surroundings.activateBundledFeatureSet();
    activation =
        surroundings.activateModel(
            MODEL, 1, Path.of("..", "schemas", "models", "activity-bootstrap"));
    redis = LocalRedis.start(folder);
    service =
        SpringApplication.run(
            ScoringApplication.class,
            surroundings.arguments("--millrace.scoring.redis-uri=" + redis.uri()));
    codec = surroundings.codec(Topics.FEATURES);
  }

  @AfterAll
  static void stop() {
    service.close();
    redis.close();
  }

  private static FeatureVector vector(
      String user, String eventId, List<Object> values, long activationOffset, String setSha256) {
    return new FeatureVector(
        user,
        eventId,
        "view",
        NOON,
        Instant.now().truncatedTo(ChronoUnit.MICROS),
        false,
        new Origin("raw-topic", 1, ++sent),
        activationOffset,
        SET.name(),
        SET.version(),
        setSha256,
        values);
  }

  private static FeatureVector send(
      String user, String eventId, List<Object> values, long activationOffset) {
    return send(vector(user, eventId, values, activationOffset, SET.sha256()));
  }

  private static FeatureVector send(FeatureVector vector) {
    surroundings.send(Topics.FEATURES, vector.userId(), codec.encode(Messages.vector(vector)));
    return vector;
  }

  private static List<ScoreMessage> scoresOf(String user) {
    MessageCodec<ScoreMessage> scores = surroundings.codec(Topics.SCORES);
    return surroundings.read(Topics.SCORES).stream()
        .filter(record -> user.equals(record.key()))
        .map(record -> scores.decode(record.value()).message())
        .toList();
  }

  private static List<ScoreMessage> awaitScores(String user, int count) {
    return await().atMost(PATIENCE).until(() -> scoresOf(user), scores -> scores.size() >= count);
  }

  private static List<QuarantinedEventMessage> awaitQuarantined(String rule, int count) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                surroundings.<QuarantinedEventMessage>messages(Topics.QUARANTINED).stream()
                    .filter(m -> m.getViolations().get(0).getRule().equals(rule))
                    .toList(),
            messages -> messages.size() >= count);
  }

  private static HttpResponse<String> get(String path, String... headers) {
    String port = service.getEnvironment().getProperty("local.server.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(PATIENCE);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpResponse<String> lookup(String user) {
    return get("/v1/users/" + URLEncoder.encode(user, UTF_8).replace("+", "%20") + "/scores");
  }

  /** The only score in the answer, once the projection has carried the event's there. */
  private static JsonNode awaitLookup(String user, String eventId) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> json(lookup(user)).path("scores").path(0),
            score -> score.path("event_id").asText().equals(eventId));
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return new ObjectMapper().readTree(response.body());
    } catch (IOException e) {
      throw new IllegalStateException(response.body(), e);
    }
  }

  private static void requireProblem(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(json(response).path("status").asInt()).isEqualTo(status);
    assertThat(json(response).path("title").asText()).isNotBlank();
    assertThat(json(response).path("detail").asText()).isNotBlank();
    if (status == 503) {
      assertThat(response.headers().firstValue("Retry-After")).hasValue("2");
    }
  }

  // Scoring

  @Test
  void eachVectorBecomesOneScoreWithAllThatIsNeededToSayItAgain() {
    FeatureVector quiet = send("ann", "a-1", QUIET, activation);
    FeatureVector burst = send("ann", "a-2", BURST, activation);

    List<ScoreMessage> scores = awaitScores("ann", 2);

    assertThat(scores).extracting(ScoreMessage::getScore).containsExactly(QUIET_SCORE, BURST_SCORE);
    assertThat(scores).extracting(ScoreMessage::getDecision).containsExactly(false, true);
    assertThat(scores).extracting(ScoreMessage::getEventId).containsExactly("a-1", "a-2");
    ScoreMessage score = scores.get(1);
    ActivationMessage model =
        surroundings.<ActivationMessage>messages(Topics.ACTIVATIONS).get((int) activation);
    assertThat(score.getUserId()).isEqualTo("ann");
    assertThat(score.getModel()).isEqualTo(MODEL);
    assertThat(score.getModelVersion()).isEqualTo(1);
    assertThat(score.getModelSha256()).isEqualTo(model.getSha256());
    assertThat(score.getModelRunId()).isNull();
    assertThat(score.getThreshold()).isEqualTo(0.5);
    assertThat(score.getShadow()).isFalse();
    assertThat(score.getFeatureSet()).isEqualTo(SET.name());
    assertThat(score.getFeatureSetVersion()).isEqualTo(SET.version());
    assertThat(score.getFeatureSetSha256()).isEqualTo(SET.sha256());
    assertThat(score.getVectorSha256()).isEqualTo(burst.sha256());
    assertThat(score.getVector()).isEqualTo(burst.values());
    assertThat(score.getEventTime()).isEqualTo(burst.asOf());
    assertThat(score.getReceivedAt()).isEqualTo(burst.receivedAt());
    assertThat(score.getOrigin()).isEqualTo(Messages.origin(burst.origin()));
    assertThat(score.getActivationOffset()).isEqualTo(activation);
    assertThat(scores.get(0).getVectorSha256()).isEqualTo(quiet.sha256());
    for (ScoreMessage one : scores) {
      assertThat(one.getContributions()).hasSize(8).containsEntry("(intercept)", -1.0);
      assertThat(one.getContributions().values().stream().mapToDouble(c -> c).sum())
          .isEqualTo(one.getMargin(), within(1e-8));
      assertThat(1 / (1 + Math.exp(-one.getMargin()))).isEqualTo(one.getScore(), within(1e-8));
    }
  }

  @Test
  void aVectorForWhichNoModelIsActiveHasNoScore() {
    String otherSet = "0".repeat(64);
    send("bob", "before the model", QUIET, activation - 1);
    send("bob", "before everything", QUIET, -1);
    send(vector("bob", "of another set", QUIET, activation, otherSet));
    send("bob", "b-1", QUIET, activation);

    assertThat(awaitScores("bob", 1)).extracting(ScoreMessage::getEventId).containsExactly("b-1");
  }

  private static LogisticRegression model(String name, String column, double intercept) {
    return new LogisticRegression(
        name,
        List.of(new Term(column, LOG1P, 0, 1, 1, 0), new Term("products_24h", NONE, 0, 1, 0, 0)),
        intercept);
  }

  private static long activate(LogisticRegression model, int version, String setSha256)
      throws IOException {
    Path directory = Files.createTempDirectory(folder, model.name());
    new ModelDirectoryWriter(
            model,
            new FeatureSetPin(SET.name(), SET.version(), setSha256),
            0.9,
            NOON,
            "run-" + version,
            "0123abc")
        .write(directory, new double[] {1, 2});
    return surroundings.activateModel(model.name(), version, directory);
  }

  @Test
  void aNewVersionScoresWhatCarriesItsActivationAndReplayedVectorsKeepTheirs() throws Exception {
    long next = activate(model(MODEL, "events_10m", 3), 2, SET.sha256());
    send("cid", "c-1", QUIET, activation);
    send("cid", "c-2", QUIET, next);
    send("cid", "c-1 replayed", QUIET, activation);

    List<ScoreMessage> scores = awaitScores("cid", 3);

    assertThat(scores).extracting(ScoreMessage::getModelVersion).containsExactly(1, 2, 1);
    assertThat(scores)
        .extracting(ScoreMessage::getScore)
        .containsExactly(QUIET_SCORE, scores.get(1).getScore(), QUIET_SCORE);
    ScoreMessage second = scores.get(1);
    assertThat(second.getMargin()).isEqualTo(3 + Math.log(2), within(1e-8));
    assertThat(second.getContributions().keySet())
        .containsExactlyInAnyOrder("(intercept)", "events_10m", "products_24h");
    assertThat(second.getModelRunId()).isEqualTo("run-2");
    assertThat(second.getGitCommit()).isEqualTo("0123abc");
    assertThat(second.getThreshold()).isEqualTo(0.9);
    assertThat(second.getModelSha256()).isNotEqualTo(scores.get(0).getModelSha256());
  }

  @Test
  void vectorsOfASetThatCameLaterAreScoredByTheModelThatIsPinnedToIt() throws Exception {
    FeatureSetDeclaration shop =
        FeatureSetDeclaration.compile(
            "shop",
            """
            feature_set: shop
            version: 2
            entity: user_id
            source: events.clean
            features:
              - {name: products, op: distinct, of: product_id, max: 64, windows: [24h]}
              - {name: events, op: count, windows: [10m]}
            """);
    surroundings.activateFeatureSet(new String(shop.canonical(), UTF_8));
    FeatureSet set = shop.set();
    Path directory = Files.createTempDirectory(folder, "of-shop");
    new ModelDirectoryWriter(
            model("of-shop", "events_10m", 0),
            new FeatureSetPin(set.name(), set.version(), set.sha256()),
            0.9,
            NOON,
            null,
            null)
        .write(directory, new double[] {1, 2});
    long model = surroundings.activateModel("of-shop", 1, directory);
    FeatureVector vector =
        new FeatureVector(
            "sue",
            "s-1",
            "view",
            NOON,
            NOON,
            false,
            new Origin("raw-topic", 1, ++sent),
            model,
            set.name(),
            set.version(),
            set.sha256(),
            List.of(7L, 3L));
    Topics.Topic topic = Topics.features("shop", 2);
    surroundings.send(
        topic,
        "sue",
        surroundings.<FeatureVectorMessage>codec(topic).encode(Messages.vector(vector)));

    assertThat(awaitScores("sue", 1))
        .singleElement()
        .satisfies(
            score -> {
              assertThat(score.getModel()).isEqualTo("of-shop");
              assertThat(score.getMargin()).isEqualTo(Math.log(4), within(1e-8));
              assertThat(score.getFeatureSetSha256()).isEqualTo(set.sha256());
            });
    JsonNode score = awaitLookup("sue", "s-1");
    assertThat(score.path("vector").path("products_24h").asLong()).isEqualTo(7);
  }

  @Test
  void aModelThatCannotBeUsedQuarantinesAndTheOthersGoOn() throws Exception {
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    try (Stream<Path> files =
        Files.list(Path.of("..", "schemas", "models", "activity-bootstrap"))) {
      for (Path file : files.toList()) {
        Files.copy(file, damaged.resolve(file.getFileName()));
      }
    }
    Files.write(damaged.resolve("model.onnx"), new byte[] {1, 2, 3});
    surroundings.activateModel("damaged", 1, damaged);
    activate(model("asks-too-much", "no_such_column", 0), 1, SET.sha256());
    long broken = activate(model("of-another-set", "events_10m", 0), 1, "f".repeat(64));

    FeatureVector vector = send("dan", "d-1", BURST, broken);
    send("dan", "d-2", BURST, activation);

    assertThat(awaitScores("dan", 2))
        .extracting(ScoreMessage::getEventId)
        .containsExactly("d-1", "d-2");
    List<QuarantinedEventMessage> quarantined = awaitQuarantined("MODEL_INVALID", 2);
    assertThat(quarantined)
        .hasSize(2)
        .allSatisfy(
            message -> {
              assertThat(message.getStage()).isEqualTo("scoring");
              assertThat(message.getEventId()).isEqualTo("d-1");
              assertThat(message.getOrigin()).isEqualTo(Messages.origin(vector.origin()));
              assertThat(message.getActivationOffset()).isEqualTo(broken);
            })
        .extracting(message -> message.getViolations().get(0).getMessage())
        .anyMatch(message -> message.contains("model/damaged@1"))
        .anyMatch(message -> message.contains("model/asks-too-much@1"));
  }

  @Test
  void aVectorThatNoModelCanReadIsQuarantinedAndTheStreamGoesOn() {
    List<Object> endless = values(Map.of("events_10m", Double.POSITIVE_INFINITY));
    surroundings.send(Topics.FEATURES, "eve", "no vector".getBytes(UTF_8));
    surroundings.send(Topics.FEATURES, null, null);
    send("eve", "e-1", endless, activation);
    send("eve", "e-2", QUIET, activation);

    assertThat(awaitScores("eve", 1)).extracting(ScoreMessage::getEventId).containsExactly("e-2");
    assertThat(awaitQuarantined("AVRO_MALFORMED", 2)).hasSize(2);
    assertThat(awaitQuarantined("MODEL_OUTPUT", 1))
        .singleElement()
        .satisfies(message -> assertThat(message.getEventId()).isEqualTo("e-1"));
  }

  // Lookups

  @Test
  void aLookupTellsTheScoreItsVectorByColumnAndItsAge() {
    FeatureVector vector = send("fay", "f-1", BURST, activation);

    JsonNode score = awaitLookup("fay", "f-1");

    HttpResponse<String> answer = lookup("fay");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(json(answer).path("user_id").asText()).isEqualTo("fay");
    assertThat(Instant.parse(json(answer).path("answered_at").asText()))
        .isBetween(vector.receivedAt(), Instant.now());
    assertThat(score.path("model").asText()).isEqualTo(MODEL);
    assertThat(score.path("score").asDouble()).isEqualTo(BURST_SCORE);
    assertThat(score.path("decision").asBoolean()).isTrue();
    assertThat(Instant.parse(score.path("event_time").asText())).isEqualTo(NOON);
    assertThat(Instant.parse(score.path("received_at").asText())).isEqualTo(vector.receivedAt());
    assertThat(score.path("age_ms").asLong()).isBetween(0L, PATIENCE.toMillis());
    assertThat(score.path("vector").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(SET.columnNames());
    assertThat(score.path("vector").path("value_sum_24h").asLong()).isEqualTo(120_000_000);
    assertThat(score.path("contributions").size()).isEqualTo(8);
    assertThat(score.path("vector_sha256").asText()).isEqualTo(vector.sha256());
    assertThat(score.path("origin").path("offset").asLong()).isEqualTo(vector.origin().offset());
  }

  @Test
  @SuppressWarnings("unchecked")
  void aScoreHasTheFieldsThatTheOpenApiFilePromises() {
    send("gil", "g-1", QUIET, activation);
    JsonNode score = awaitLookup("gil", "g-1");
    requireProblem(get("/v1/users/gil/scores", "Accept", "text/html"), 406);

    Map<String, Object> openApi = new Yaml().load(get("/openapi.yaml").body());
    Map<String, Object> schemas =
        (Map<String, Object>) ((Map<String, Object>) openApi.get("components")).get("schemas");
    List<String> required =
        (List<String>) ((Map<String, Object>) schemas.get("Score")).get("required");
    assertThat(score.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(required);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "Am\u00e9lie", "x+y@example.org", "50%", "a/b", "\u6c34?#"})
  void findsAUserByAnyId(String user) {
    send(user, "any", QUIET, activation);

    awaitLookup(user, "any");
  }

  @Test
  void aUserWithoutAScoreIsAProblem404() {
    await().atMost(PATIENCE).until(() -> lookup("nobody").statusCode(), status -> status != 503);
    requireProblem(lookup("nobody"), 404);
    requireProblem(get("/v1/users/nobody/scores", "Accept", "application/json"), 404);
  }

  @Test
  void whatIsStoredAndIsNoScoreIsAProblem500() {
    RedisClient client = RedisClient.create(redis.uri());
    try {
      String epoch = surroundings.topicIds().id(Topics.SCORES.name());
      client.connect().sync().hset("millrace:scores:" + epoch + ":hal", "m/champion", "garbage");

      requireProblem(lookup("hal"), 500);
    } finally {
      client.shutdown();
    }
  }

  @Test
  void aScoresRecordThatCannotBeReadHoldsNothingUp() {
    surroundings.send(Topics.SCORES, "ida", "no score".getBytes(UTF_8));
    surroundings.send(Topics.SCORES, "ida", null);
    send("ida", "i-1", QUIET, activation);

    awaitLookup("ida", "i-1");
    assertThat(get("/actuator/prometheus").body()).contains("millrace_scores_unreadable_total 2.0");
  }

  @Test
  void aUserStandsWhereKafkaPutTheUsersScores() {
    for (String user : List.of("mae", "Am\u00e9lie", "\u6c34", "a b")) {
      send(user, "where", QUIET, activation);
      awaitScores(user, 1);
    }
    ScorePartitions partitions = service.getBean(ScorePartitions.class);

    assertThat(surroundings.read(Topics.SCORES))
        .filteredOn(record -> record.key() != null)
        .isNotEmpty()
        .allSatisfy(
            record -> assertThat(partitions.of(record.key())).isEqualTo(record.partition()));
  }

  // Redis away

  private static void requireAllTold503(String user) {
    long start = System.nanoTime();
    List<CompletableFuture<HttpResponse<String>>> answers =
        Stream.generate(() -> CompletableFuture.supplyAsync(() -> lookup(user))).limit(20).toList();
    answers.forEach(answer -> requireProblem(answer.join(), 503));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  private static void requirePrompt503(String user) {
    long start = System.nanoTime();
    requireProblem(lookup(user), 503);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  private static void awaitRefilledAndNeverTold404(String user) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              int status = lookup(user).statusCode();
              assertThat(status).as(user).isIn(200, 503);
              return status == 200;
            });
  }

  @Test
  void scoringGoesOnWithoutRedisAndWhatWasMissedIsThereWhenItIsBack() {
    List<String> silent = List.of("kai", "ken", "kim", "kit", "koa");
    silent.forEach(user -> send(user, "only", QUIET, activation));
    send("joe", "j-1", QUIET, activation);
    silent.forEach(user -> awaitLookup(user, "only"));
    awaitLookup("joe", "j-1");

    redis.process().suspend();
    try {
      requirePrompt503("joe");
      requireAllTold503("joe");
      send("joe", "j-2", BURST, activation);
      awaitScores("joe", 2);
      requirePrompt503("joe");
      assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
    } finally {
      redis.process().resume();
    }
    awaitLookup("joe", "j-2");

    redis.process().kill();
    await().atMost(PATIENCE).until(() -> lookup("joe").statusCode(), status -> status == 503);
    requirePrompt503("joe");
    send("joe", "j-3", QUIET, activation);
    awaitScores("joe", 3);

    // It comes back without scripts and without scores, also without those of the silent.
    redis = LocalRedis.start(folder, redis.port());
    Stream.concat(silent.stream(), Stream.of("joe"))
        .forEach(ScoringApplicationIT::awaitRefilledAndNeverTold404);
    awaitLookup("joe", "j-3");
    silent.forEach(user -> awaitLookup(user, "only"));
    assertThat(json(lookup("joe")).path("scores")).hasSize(1);
  }

  // The service

  @Test
  void itsTopologyHasNoStateAndItsNodesHaveNames() throws Exception {
    TopologyDescription topology =
        service.getBean(StreamsBuilderFactoryBean.class).getTopology().describe();

    assertThat(topology.subtopologies()).hasSize(1);
    Set<TopologyDescription.Node> nodes = topology.subtopologies().iterator().next().nodes();
    assertThat(nodes)
        .extracting(TopologyDescription.Node::name)
        .containsExactlyInAnyOrder(
            "vectors",
            "score",
            "only-scores",
            "score-message",
            "to-scores",
            "only-quarantined",
            "quarantined-message",
            "to-quarantined");
    assertThat(surroundings.admin().listTopics().names().get())
        .noneMatch(name -> name.startsWith("scoring-service-"));
  }

  @Test
  void saysThatItIsReadyAndShowsItsMetrics() {
    send("mia", "m-1", QUIET, activation);
    awaitLookup("mia", "m-1");

    await()
        .atMost(PATIENCE)
        .until(() -> get("/actuator/health/readiness").statusCode(), status -> status == 200);
    assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(get("/actuator/prometheus").body())
        .contains("millrace_vectors_scored_total{outcome=\"SCORE\"}")
        .contains("millrace_scores_projected_total");
    assertThat(get("/actuator/env").statusCode()).isEqualTo(404);
  }

  @Test
  void itsOpenApiFileIsServedAndNamesEveryOperationAndNoOther() {
    PublishedApi.check(service);
  }
}

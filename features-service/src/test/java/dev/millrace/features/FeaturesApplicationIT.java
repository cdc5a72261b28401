package dev.millrace.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.core.Activation;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.PublishedApi;
import dev.millrace.streams.Surroundings;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;

class FeaturesApplicationIT {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final FeatureSet SET =
      FeatureSetDeclaration.compile("bundled", Surroundings.bundledFeatureSet()).set();

  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static MessageCodec<CleanEventMessage> codec;
  private static long activation;
  private static long sent;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    activation = surroundings.activateBundledFeatureSet();
    service = run();
    codec = surroundings.codec(Topics.CLEAN);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static ConfigurableApplicationContext run() {
    return SpringApplication.run(FeaturesApplication.class, surroundings.arguments());
  }

  private static CleanEvent event(String user, Instant time, long valueMicros, String product) {
    return event(user, time, valueMicros, product, activation);
  }

  private static CleanEvent event(
      String user, Instant time, long valueMicros, String product, long activationOffset) {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    String id = user + "-" + ++sent;
    fields.put(EventField.USER_ID, user);
    fields.put(EventField.EVENT_ID, id);
    fields.put(EventField.EVENT_TIME, time);
    fields.put(EventField.EVENT_TYPE, "view");
    fields.put(EventField.VALUE_MICROS, valueMicros);
    fields.put(EventField.PRODUCT_ID, product);
    return new CleanEvent(
        user,
        id,
        false,
        time,
        time.plusMillis(7),
        false,
        new Origin("raw-topic", 1, sent),
        "default",
        activationOffset,
        new EventContent(fields),
        List.of());
  }

  private static RecordMetadata send(CleanEvent event) {
    return surroundings.send(
        Topics.CLEAN,
        event.userId(),
        codec.encode(Messages.clean(event, "mapping", "contract", Map.of())));
  }

  private static List<FeatureVectorMessage> awaitVectors(String user, int count) {
    return awaitVectors(Topics.FEATURES, user, count);
  }

  private static List<FeatureVectorMessage> awaitVectors(
      Topics.Topic topic, String user, int count) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                surroundings.<FeatureVectorMessage>messages(topic).stream()
                    .filter(vector -> vector.getUserId().equals(user))
                    .toList(),
            vectors -> vectors.size() >= count);
  }

  private static HttpResponse<String> get(String path, String... headers) {
    String port = service.getEnvironment().getProperty("local.server.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpResponse<String> features(String user) {
    return get("/v1/users/" + URLEncoder.encode(user, UTF_8).replace("+", "%20") + "/features");
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return new ObjectMapper().readTree(response.body());
    } catch (Exception e) {
      throw new IllegalStateException(response.body(), e);
    }
  }

  private static void requireProblem(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(json(response).path("status").asInt()).isEqualTo(status);
    assertThat(json(response).path("title").asText()).isNotBlank();
    assertThat(json(response).path("detail").asText()).isNotBlank();
  }

  @Test
  void eachCleanEventBecomesTheVectorThatTheFoldSaysWithItsLineage() {
    List<CleanEvent> events = new ArrayList<>();
    for (int minutes : List.of(0, 3, 14, 2, 14, 80, 1_600)) {
      Instant time = NOON.plus(minutes, ChronoUnit.MINUTES);
      events.add(event("ann", time, 1_500_000L * minutes - 1, "p-" + minutes % 4));
    }
    events.forEach(FeaturesApplicationIT::send);

    List<FeatureVectorMessage> vectors = awaitVectors("ann", events.size());

    FeatureFold fold = new FeatureFold(SET);
    UserActivity activity = fold.start();
    List<FeatureVector> expected = events.stream().map(e -> fold.fold(activity, e)).toList();
    assertThat(vectors).extracting(Messages::vector).isEqualTo(expected);
    assertThat(vectors)
        .extracting(FeatureVectorMessage::getVectorSha256)
        .containsExactlyElementsOf(expected.stream().map(FeatureVector::sha256).toList());
    FeatureVectorMessage third = vectors.get(2);
    assertThat(third.getFeatureSetSha256()).isEqualTo(SET.sha256());
    assertThat(third.getOrigin()).isEqualTo(Messages.origin(events.get(2).origin()));
    assertThat(third.getActivationOffset()).isEqualTo(events.get(2).activationOffset());
    assertThat(third.getValues().get(2)).isEqualTo(3L);
  }

  @Test
  void bytesThatAreNoCleanEventAreQuarantinedAndDoNotStopTheStream() {
    byte[] garbage = "no message".getBytes(UTF_8);
    RecordMetadata place = surroundings.send(Topics.CLEAN, "gus", garbage);
    surroundings.send(Topics.CLEAN, null, null);
    send(event("gus", NOON, 1, "p"));

    awaitVectors("gus", 1);
    List<QuarantinedEventMessage> quarantined =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    surroundings.<QuarantinedEventMessage>messages(Topics.QUARANTINED).stream()
                        .filter(message -> message.getEventId() == null)
                        .toList(),
                messages -> messages.size() >= 2);
    assertThat(quarantined)
        .hasSize(2)
        .allSatisfy(
            message -> {
              assertThat(message.getStage()).isEqualTo("features");
              assertThat(message.getViolations().get(0).getRule()).isEqualTo("AVRO_MALFORMED");
              assertThat(message.getOrigin().getTopicId())
                  .isEqualTo(surroundings.topicIds().id(Topics.CLEAN.name()));
            })
        .filteredOn(message -> message.getPayloadBytes() == garbage.length)
        .singleElement()
        .satisfies(
            message -> {
              assertThat(message.getOrigin().getPartition()).isEqualTo(place.partition());
              assertThat(message.getOrigin().getOffset()).isEqualTo(place.offset());
              assertThat(message.getPayloadSha256()).isEqualTo(CanonicalHash.sha256Hex(garbage));
            });
  }

  @Test
  void tellsAUsersFeaturesAsOfTheMomentOfAsking() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    send(event("eva", now.minus(61 + 5, ChronoUnit.MINUTES), 2_000_000, "p-1"));
    send(event("eva", now.minus(20, ChronoUnit.MINUTES), 3_000_000, "p-2"));
    List<FeatureVectorMessage> vectors = awaitVectors("eva", 2);

    HttpResponse<String> answer = features("eva");

    requireProblem(get("/v1/users/eva/features", "Accept", "text/html"), 406);
    // At its event, the vector had it in the ten minutes; now it is out of them.
    assertThat(vectors.get(1).getValues().get(0)).isEqualTo(1L);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode body = json(answer);
    assertThat(body.path("user_id").asText()).isEqualTo("eva");
    assertThat(Instant.parse(body.path("as_of").asText())).isBetween(now, Instant.now());
    assertThat(Instant.parse(body.path("newest_event_time").asText()))
        .isEqualTo(now.minus(20, ChronoUnit.MINUTES));
    assertThat(body.path("stale").asBoolean(true)).isFalse();
    assertThat(body.has("stale_ms")).isFalse();
    assertThat(body.path("feature_set").asText()).isEqualTo("user-activity");
    assertThat(body.path("feature_set_version").asInt()).isEqualTo(1);
    assertThat(body.path("feature_set_sha256").asText()).isEqualTo(SET.sha256());
    JsonNode features = body.path("features");
    assertThat(features.fieldNames()).toIterable().containsExactlyElementsOf(SET.columnNames());
    assertThat(features.path("events_10m").asLong()).isZero();
    assertThat(features.path("events_1h").asLong()).isEqualTo(1);
    assertThat(features.path("events_24h").asLong()).isEqualTo(2);
    assertThat(features.path("value_sum_1h").asLong()).isEqualTo(3_000_000);
    assertThat(features.path("value_sum_24h").asLong()).isEqualTo(5_000_000);
    assertThat(features.path("products_24h").asLong()).isEqualTo(2);
    assertThat(features.path("since_last_event").asLong())
        .isBetween(
            Duration.ofMinutes(20).toNanos() / 1_000, Duration.ofMinutes(21).toNanos() / 1_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a b", "Am\u00e9lie", "x+y@example.org", "50%", "a;b=c", "a/b", "\u6c34?#"})
  void findsAUserByAnyId(String user) {
    send(event(user, NOON, 1, "p"));
    awaitVectors(user, 1);

    assertThat(json(features(user)).path("user_id").asText()).isEqualTo(user);
  }

  @Test
  void aUserWithoutEventsIsAProblem404() {
    requireProblem(features("nobody"), 404);
    requireProblem(get("/v1/users/nobody/features", "Accept", "application/json"), 404);
  }

  private static HttpResponse<String> post(String body, String... headers) {
    String port = service.getEnvironment().getProperty("local.server.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/features:lookup"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tellsManyUsersAsOfOneMomentInTheOrderOfAsking() {
    send(event("uma", NOON, 2, "p-1"));
    send(event("Ul\u00e9", NOON, 3, "p-1"));
    awaitVectors("uma", 1);
    awaitVectors("Ul\u00e9", 1);

    // The e and its accent are two characters here; an id has one spelling.
    HttpResponse<String> answer =
        post(
            "{\"user_ids\": [\"nobody\", \" uma \", \"Ule\u0301\", \"uma\"],"
                + " \"feature_set\": \"user-activity@1\"}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode body = json(answer);
    assertThat(Instant.parse(body.path("as_of").asText()))
        .isBetween(Instant.now().minusSeconds(30), Instant.now());
    assertThat(body.path("feature_set").asText()).isEqualTo("user-activity");
    assertThat(body.path("feature_set_version").asInt()).isEqualTo(1);
    assertThat(body.path("feature_set_sha256").asText()).isEqualTo(SET.sha256());
    assertThat(body.path("found").asInt()).isEqualTo(3);
    assertThat(body.path("unknown").asInt()).isEqualTo(1);
    assertThat(body.path("unavailable").asInt()).isZero();
    JsonNode users = body.path("users");
    assertThat(users)
        .extracting(user -> user.path("user_id").asText() + " " + user.path("status").asInt())
        .containsExactly("nobody 404", "uma 200", "Ul\u00e9 200", "uma 200");
    assertThat(users.path(3)).isEqualTo(users.path(1));
    JsonNode alone = json(features("uma"));
    assertThat(users.path(1).path("newest_event_time")).isEqualTo(alone.path("newest_event_time"));
    assertThat(users.path(1).path("stale").asBoolean(true)).isFalse();
    assertThat(users.path(1).path("features").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(SET.columnNames());
    assertThat(users.path(1).path("features").path("last_types"))
        .isEqualTo(alone.path("features").path("last_types"));
  }

  @Test
  void aBulkLookupThatIsNoneIsRefusedWithTheReason() {
    for (String malformed :
        List.of(
            "",
            "no json",
            "[]",
            "{}",
            "{\"user_ids\": []}",
            "{\"user_ids\": \"uma\"}",
            "{\"user_ids\": [\"uma\", 7]}",
            "{\"user_ids\": [\"uma\", null]}",
            "{\"user_ids\": [\"uma\"], \"feature_set\": 1}",
            "{\"user_ids\": [\"uma\"], \"features\": []}")) {
      HttpResponse<String> answer = post(malformed);
      requireProblem(answer, 400);
      assertThat(json(answer).path("detail").asText()).contains("user_ids");
    }
    requireProblem(post("{\"user_ids\": [\"uma\"]}", "Millrace-Hop", "boss"), 400);
    requireProblem(
        post("{\"user_ids\": [\"uma\"]}", "Millrace-Hop", "owner", "Millrace-As-Of", "yesterday"),
        400);
  }

  @Test
  void aBulkLookupHasAThousandUsersAndAMillionBytesAtMost() {
    String thousand = String.join("\", \"", Collections.nCopies(1_000, "nobody"));

    assertThat(post("{\"user_ids\": [\"" + thousand + "\"]}").statusCode()).isEqualTo(200);
    HttpResponse<String> more = post("{\"user_ids\": [\"" + thousand + "\", \"one\"]}");
    requireProblem(more, 413);
    assertThat(json(more).path("detail").asText()).contains("1000 users");
    requireProblem(post("{\"user_ids\": [\"" + "x".repeat(1_000_000) + "\"]}"), 413);
  }

  @Test
  void aFeatureSetThatIsNotFoldedHereIsAProblem404ThatNamesThoseThatAre() {
    send(event("fay", NOON, 1, "p"));
    awaitVectors("fay", 1);
    assertThat(get("/v1/users/fay/features?feature_set=user-activity@1").statusCode())
        .isEqualTo(200);

    for (HttpResponse<String> answer :
        List.of(
            get("/v1/users/fay/features?feature_set=user-activity@99"),
            get("/v1/users/fay/features?feature_set=user-activity"),
            post("{\"user_ids\": [\"fay\"], \"feature_set\": \"other@1\"}"))) {
      requireProblem(answer, 404);
      assertThat(json(answer).path("title").asText()).isEqualTo("Unknown feature set");
      assertThat(json(answer).path("feature_sets"))
          .extracting(JsonNode::asText)
          .containsExactly("user-activity@1");
    }
  }

  @Test
  void keepsItsStateOverARestartAndSays503WithRetryAfterMeanwhile() {
    send(event("rex", NOON, 4, "p-1"));
    awaitVectors("rex", 1);

    service.getBean(StreamsBuilderFactoryBean.class).getKafkaStreams().close(PATIENCE);
    requireProblem(features("rex"), 503);
    requireProblem(post("{\"user_ids\": [\"rex\", \"eva\"]}"), 503);
    service.getBean(StreamsBuilderFactoryBean.class).stop();
    HttpResponse<String> away = features("rex");
    requireProblem(away, 503);
    assertThat(away.headers().firstValue("Retry-After")).hasValue("2");
    assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(503);

    service.close();
    service = run();
    send(event("rex", NOON.plusSeconds(1), 5, "p-2"));

    FeatureVectorMessage second = awaitVectors("rex", 2).get(1);
    List<String> columns = SET.columnNames();
    assertThat(second.getValues().get(columns.indexOf("events_30d"))).isEqualTo(2L);
    assertThat(second.getValues().get(columns.indexOf("value_sum_24h"))).isEqualTo(9L);
    assertThat(second.getValues().get(columns.indexOf("products_24h"))).isEqualTo(2L);
    assertThat(second.getValues().get(columns.indexOf("last_types")))
        .isEqualTo(List.of("view", "view"));
    assertThat(second.getValues().get(columns.indexOf("since_last_event"))).isEqualTo(1_000_000L);
    // A moment may pass until the coordinator has counted the instance in.
    await().atMost(PATIENCE).until(() -> features("rex").statusCode(), status -> status == 200);
  }

  @Test
  void aVersionActivatedLaterRunsBesideTheFirstWithItsOwnTopicAndPast() {
    send(event("liz", NOON, 1, "p-1"));
    long second =
        surroundings.activateFeatureSet(
            Surroundings.bundledFeatureSet()
                .replace("\"version\":1", "\"version\":2")
                .replace(
                    "\"features\":[",
                    "\"features\":[{\"name\":\"views\",\"op\":\"count\",\"windows\":[\"24h\"]},"));
    long third =
        surroundings.activateFeatureSet(
            """
            feature_set: shop
            version: 1
            entity: user_id
            source: events.clean
            features: [{name: events, op: count, windows: [1h]}]
            """);
    Topics.Topic ofSecond = Topics.features("user-activity", 2);
    Topics.Topic ofShop = Topics.features("shop", 1);
    send(event("liz", NOON.plusSeconds(1), 1, "p-1", second));
    send(event("liz", NOON.plusSeconds(2), 1, "p-1", third));
    send(event("liz", NOON.plusSeconds(3), 1, "p-1")); // stamped by an ingest that had read less

    assertThat(awaitVectors("liz", 4))
        .extracting(vector -> value(vector, "events_1h"))
        .containsExactly(1L, 2L, 3L, 4L);
    assertThat(awaitVectors(ofSecond, "liz", 2))
        .extracting(vector -> vector.getValues().get(0)) // views_24h
        .containsExactly(1L, 2L);
    assertThat(awaitVectors(ofShop, "liz", 1))
        .singleElement()
        .satisfies(
            vector -> {
              assertThat(vector.getFeatureSet()).isEqualTo("shop");
              assertThat(vector.getValues()).isEqualTo(List.of(1L));
            });

    service.close();
    service = run();
    send(event("liz", NOON.plusSeconds(4), 1, "p-1", third));

    assertThat(value(awaitVectors("liz", 5).get(4), "events_1h")).isEqualTo(5L);
    assertThat(awaitVectors(ofSecond, "liz", 3).get(2).getValues().get(0)).isEqualTo(3L);
    assertThat(awaitVectors(ofShop, "liz", 2).get(1).getValues()).isEqualTo(List.of(2L));
    JsonNode lookedUp = json(get("/v1/users/liz/features?feature_set=user-activity@2"));
    assertThat(lookedUp.path("feature_set_version").asInt()).isEqualTo(2);
    assertThat(lookedUp.path("features").has("views_24h")).isTrue();
    assertThat(json(features("liz")).path("feature_set_version").asInt()).isEqualTo(1);
    send(event("old", NOON, 1, "p-1"));
    awaitVectors("old", 1);
    requireProblem(get("/v1/users/old/features?feature_set=user-activity@2"), 404);
    assertThat(features("old").statusCode()).isEqualTo(200);
    HttpResponse<String> unknown = get("/v1/users/liz/features?feature_set=user-activity@9");
    requireProblem(unknown, 404);
    assertThat(json(unknown).path("feature_sets"))
        .extracting(JsonNode::asText)
        .contains("user-activity@1", "user-activity@2", "shop@1");
  }

  private static Object value(FeatureVectorMessage vector, String column) {
    return vector.getValues().get(SET.columnNames().indexOf(column));
  }

  @Test
  void anActiveSetWithoutATopicStopsTheStartAndIsNamed() {
    FeatureSetDeclaration homeless =
        FeatureSetDeclaration.compile(
            "homeless",
            """
            feature_set: homeless
            version: 1
            entity: user_id
            source: events.clean
            features: [{name: events, op: count, windows: [1h]}]
            """);
    String sha256 = surroundings.artifacts().put(homeless.canonical());
    surroundings.activate(new Activation(Activation.FEATURE_SET, "homeless", 1, sha256));
    try {
      assertThatThrownBy(FeaturesApplicationIT::run)
          .hasStackTraceContaining("Topics are missing: features.homeless");
    } finally {
      surroundings.activate(
          new Activation(Activation.FEATURE_SET, "homeless", 1, sha256, "v1", true));
    }
  }

  @Test
  void itsNodesStoreAndChangelogHaveTheirNamesAndNothingIsRepartitioned() throws Exception {
    TopologyDescription topology =
        service.getBean(StreamsBuilderFactoryBean.class).getTopology().describe();

    assertThat(topology.subtopologies()).hasSize(1);
    Set<TopologyDescription.Node> nodes = topology.subtopologies().iterator().next().nodes();
    assertThat(nodes)
        .extracting(TopologyDescription.Node::name)
        .containsExactlyInAnyOrder(
            "clean",
            "fold",
            "only-vectors",
            "to-features",
            "only-quarantined",
            "quarantined-message",
            "to-quarantined");
    assertThat(nodes)
        .filteredOn(node -> node instanceof TopologyDescription.Processor)
        .flatExtracting(node -> ((TopologyDescription.Processor) node).stores())
        .containsExactly("activity-by-user");
    assertThat(surroundings.admin().listTopics().names().get())
        .filteredOn(name -> name.startsWith("features-service-"))
        .containsExactly("features-service-activity-by-user-changelog");
  }

  @Test
  void saysThatItIsReadyAndShowsItsMetrics() {
    send(event("mia", NOON, 1, "p"));
    awaitVectors("mia", 1);

    await()
        .atMost(PATIENCE)
        .until(() -> get("/actuator/health/readiness").statusCode(), status -> status == 200);
    assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(get("/actuator/prometheus").body())
        .contains("millrace_events_folded_total{outcome=\"VECTOR\"}")
        .contains("millrace_lookups_answered_total{outcome=\"OWNER\"}")
        .contains("http_server_requests_seconds_count{");
    assertThat(get("/actuator/env").statusCode()).isEqualTo(404);
  }

  @Test
  void itsOpenApiFileIsServedAndNamesEveryOperationAndNoOther() {
    PublishedApi.check(service);
  }
}

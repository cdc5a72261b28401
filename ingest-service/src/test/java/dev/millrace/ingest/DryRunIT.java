package dev.millrace.ingest;

import static dev.millrace.ingest.Http.gzip;
import static dev.millrace.ingest.Http.json;
import static dev.millrace.ingest.Http.requireProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.Activation;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.Surroundings;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class DryRunIT {

  private static final String VALIDATE = "/v1/events:validate";

  @TempDir private static Path landing;
  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static Http http;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    surroundings.activateBundledSource("clickstream");
    surroundings.activateBundledContract();
    service =
        SpringApplication.run(
            IngestApplication.class,
            surroundings.arguments("--millrace.ingest.landing=" + landing));
    http = new Http(service);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static JsonNode verdict(String payload) {
    HttpResponse<String> answer = http.post(VALIDATE, ContentType.JSON, payload);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    return json(answer);
  }

  private static List<String> rules(JsonNode verdict) {
    return StreamSupport.stream(verdict.path("violations").spliterator(), false)
        .map(found -> found.path("rule").asText() + " " + found.path("field").asText("-"))
        .toList();
  }

  private static ContractDeclaration bundledContract() throws Exception {
    return ContractDeclaration.compile(
        "test", Files.readString(Path.of("..", "schemas", "contracts", "user-activity.yaml")));
  }

  @Test
  void aGoodEventIsShownAsItWouldStandOnTheCleanTopic() throws Exception {
    Instant before = Instant.now();

    JsonNode verdict =
        verdict(
            """
            {"user_id": " ann ", "event_id": "v-1", "event_time": "2026-01-01T13:00:00+01:00",
             "event_type": " Purchase", "value": 19.99, "currency": "eur", "ip": "192.0.2.1",
             "email": "Ann@Example.org", "phone": "030 123456", "campaign": "spring", "step": 3}""");

    assertThat(verdict.path("outcome").asText()).isEqualTo("clean");
    assertThat(verdict.path("violations")).isEmpty();
    assertThat(verdict.path("event_id_derived").asBoolean(true)).isFalse();
    JsonNode event = verdict.path("event");
    assertThat(event.path("user_id").asText()).isEqualTo("ann");
    assertThat(event.path("event_time").asText()).isEqualTo("2026-01-01T12:00:00Z");
    assertThat(event.path("event_type").asText()).isEqualTo("purchase");
    assertThat(event.path("event_category").asText()).isEqualTo("payment");
    assertThat(event.path("value_micros").asLong()).isEqualTo(19_990_000);
    assertThat(event.path("currency").asText()).isEqualTo("EUR");
    assertThat(event.path("email").asText()).isEqualTo("tok_local_…");
    assertThat(event.path("phone").asText()).isEqualTo("tok_local_…");
    assertThat(event.path("attributes").path("campaign").asText()).isEqualTo("spring");
    assertThat(event.path("attributes").path("step").isIntegralNumber()).isTrue();
    assertThat(event.path("flags").get(0).asText()).isEqualTo("ip:GEO_UNAVAILABLE");
    assertThat(Instant.parse(event.path("received_at").asText())).isBetween(before, Instant.now());
    assertThat(event.path("received_at").asText())
        .startsWith(event.path("processing_date").asText());
    assertThat(event.has("origin")).isFalse();
    event
        .fieldNames()
        .forEachRemaining(
            name -> assertThat(CleanEventMessage.getClassSchema().getField(name)).isNotNull());
  }

  @Test
  void itSaysWhichArtifactsDecided() throws Exception {
    JsonNode verdict = verdict("{}");

    ContractDeclaration contract = bundledContract();
    assertThat(verdict.path("contract").path("name").asText()).isEqualTo(Contracts.NAME);
    assertThat(verdict.path("contract").path("version").asInt())
        .isEqualTo(contract.contract().version());
    assertThat(verdict.path("contract").path("sha256").asText())
        .isEqualTo(contract.contract().sha256());
    SourceMapping mapping =
        SourceMapping.compile(
            "test", Files.readString(Path.of("..", "schemas", "sources", "default.yaml")));
    assertThat(verdict.path("mapping").path("name").asText()).isEqualTo("default");
    assertThat(verdict.path("mapping").path("sha256").asText()).isEqualTo(mapping.sha256());
    assertThat(verdict.path("activation_offset").asLong()).isNotNegative();
  }

  @Test
  void everyViolationIsToldNotOnlyTheFirst() {
    JsonNode verdict =
        verdict(
            """
            {"user_id": "ann", "event_time": "1970-01-01T00:00:00Z", "event_type": "purchase",
             "email": "nobody", "quantity": -1, "currency": 7}""");

    assertThat(verdict.path("outcome").asText()).isEqualTo("quarantined");
    assertThat(rules(verdict))
        .contains(
            "OUT_OF_RANGE event_time",
            "INVALID_EMAIL email",
            "OUT_OF_RANGE quantity",
            "CHECK_FAILED value_micros");
    assertThat(verdict.has("event")).isFalse();
    assertThat(verdict.path("violations").toString()).doesNotContain("nobody");
  }

  @Test
  void aPayloadThatCannotBeReadIsAnAnswerAndNoError() {
    assertThat(rules(verdict("{\"user_id\": "))).containsExactly("JSON_MALFORMED -");
    assertThat(rules(verdict("[1]"))).containsExactly("JSON_MALFORMED -");
    assertThat(rules(verdict("{\"user_id\": \"a\", \"user_id\": \"b\"}")))
        .containsExactly("JSON_MALFORMED -");

    HttpResponse<String> ofCsv =
        http.post(VALIDATE + "?source=clickstream", ContentType.JSON, "{}");
    assertThat(ofCsv.statusCode()).isEqualTo(200);
    assertThat(rules(json(ofCsv))).containsExactly("UNKNOWN_CONTENT_TYPE -");
  }

  @Test
  void anEventWithoutIdGetsADerivedOneAndTheSameAgain() {
    String event =
        """
        {"user_id": "ann", "event_time": "2026-01-01T12:00:00Z", "event_type": "view"}""";

    JsonNode first = verdict(event);
    JsonNode again = verdict(event);

    assertThat(first.path("event_id_derived").asBoolean()).isTrue();
    assertThat(first.path("event").path("event_id").asText())
        .hasSize(32)
        .isEqualTo(again.path("event").path("event_id").asText());
    assertThat(again.path("outcome").asText()).isEqualTo("clean");
  }

  @Test
  void nothingIsWritten() {
    int before = surroundings.read(Topics.RAW).size();

    verdict("{\"user_id\": \"nobody writes me\"}");

    assertThat(surroundings.read(Topics.RAW)).hasSize(before);
  }

  @Test
  void itsErrorsAreThoseOfTheOtherDoors() {
    byte[] bomb = gzip(new byte[20_000_000]);

    requireProblem(http.post(VALIDATE, "text/csv", "a,b"), 415);
    requireProblem(http.post(VALIDATE, ContentType.JSON, "{}", "Content-Encoding", "br"), 415);
    requireProblem(http.post(VALIDATE, ContentType.JSON, "{}", "Accept", "text/html"), 406);
    requireProblem(http.post(VALIDATE, ContentType.JSON, bomb, "Content-Encoding", "gzip"), 413);
    requireProblem(
        http.post(VALIDATE, ContentType.JSON, new byte[Topics.MAX_PAYLOAD_BYTES + 1]), 413);
    requireProblem(http.post(VALIDATE, ContentType.JSON, ""), 400);
    requireProblem(http.post(VALIDATE + "?source=nobody", ContentType.JSON, "{}"), 400);
    assertThat(
            http.post(
                    VALIDATE,
                    ContentType.JSON,
                    gzip("{}".getBytes(UTF_8)),
                    "Content-Encoding",
                    "gzip")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void withoutAContractThereIsNoAnswer() throws Exception {
    ContractDeclaration contract = bundledContract();
    String sha256 = contract.contract().sha256();
    int version = contract.contract().version();
    surroundings.activate(
        new Activation(
            Activation.CONTRACT, Contracts.NAME, version, sha256, Activation.CHAMPION, true));

    HttpResponse<String> answer =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> http.post(VALIDATE, ContentType.JSON, "{}"),
                response -> response.statusCode() != 200);

    requireProblem(answer, 503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
    surroundings.activateBundledContract();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> http.post(VALIDATE, ContentType.JSON, "{}").statusCode() == 200);
  }
}

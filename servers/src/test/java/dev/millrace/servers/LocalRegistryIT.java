package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Millrace relies on in a registry; each test has subjects of its own. */
class LocalRegistryIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final String X = "{\"name\":\"x\",\"type\":\"long\"}";
  private static final String Y_STRING =
      "{\"name\":\"y\",\"type\":[\"null\",\"string\"],\"default\":null}";
  private static final String Y_LONG =
      "{\"name\":\"y\",\"type\":[\"null\",\"long\"],\"default\":null}";
  private static final String Y_WITHOUT_DEFAULT = "{\"name\":\"y\",\"type\":\"string\"}";

  @TempDir static Path dir;
  private static LocalRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    registry = LocalRegistry.start(dir);
    setCompatibility(registry, "/config", "FULL_TRANSITIVE");
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @Test
  void refusesNothingUntilItIsToldTo(@TempDir Path fresh) throws Exception {
    try (LocalRegistry untold = LocalRegistry.start(fresh)) {
      assertThat(get(untold, "/config").body().path("compatibilityLevel").asText())
          .isEqualTo("NONE");
      register(untold, "loose", record("A", X));
      assertThat(register(untold, "loose", record("A", Y_WITHOUT_DEFAULT)).status()).isEqualTo(200);
    }
  }

  @Test
  void aLevelForAllSubjectsIsKeptAndApplied() throws Exception {
    assertThat(get(registry, "/config").body().path("compatibilityLevel").asText())
        .isEqualTo("FULL_TRANSITIVE");
    register(registry, "global", record("A", X));

    assertThat(register(registry, "global", record("A", X, Y_STRING)).status()).isEqualTo(200);
    Answer refused = register(registry, "global", record("A", X, Y_WITHOUT_DEFAULT));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.errorCode()).isEqualTo(409);
  }

  @Test
  void transitiveMeansEveryEarlierVersion() throws Exception {
    register(registry, "transitive", record("A", X, Y_STRING));
    register(registry, "transitive", record("A", X));

    assertThat(register(registry, "transitive", record("A", X, Y_LONG)).status()).isEqualTo(409);
  }

  @Test
  void aSubjectMayHaveALevelOfItsOwnBeforeItsFirstSchema() throws Exception {
    setCompatibility(registry, "/config/own-level", "BACKWARD");
    register(registry, "own-level", record("A", X));

    assertThat(register(registry, "own-level", record("A")).status()).isEqualTo(200);
    assertThat(register(registry, "own-level", record("A", Y_WITHOUT_DEFAULT)).status())
        .isEqualTo(409);
  }

  @Test
  void theLevelNoneOfASubjectLeavesTheGlobalLevelInForce() throws Exception {
    register(registry, "none", record("A", X));
    setCompatibility(registry, "/config/none", "NONE");

    assertThat(register(registry, "none", record("A", X, Y_WITHOUT_DEFAULT)).status())
        .isEqualTo(409);
  }

  @Test
  void theSameSchemaKeepsItsIdInEverySubject() throws Exception {
    int id = register(registry, "same", record("S", X)).id();

    assertThat(register(registry, "same", record("S", X)).id()).isEqualTo(id);
    assertThat(register(registry, "same-elsewhere", record("S", X)).id()).isEqualTo(id);
    assertThat(get(registry, "/subjects/same/versions").body()).hasSize(1);
  }

  @Test
  void anEarlierSchemaKeepsItsIdAfterANewerOne() throws Exception {
    int first = register(registry, "earlier", record("E", X)).id();
    int second = register(registry, "earlier", record("E", X, Y_STRING)).id();

    assertThat(second).isNotEqualTo(first);
    assertThat(register(registry, "earlier", record("E", X)).id()).isEqualTo(first);
  }

  @Test
  void schemasAreComparedAsTextUnlessNormalizeIsAsked() throws Exception {
    int id = register(registry, "text", record("T", X)).id();
    String spaced = record("T", X).replace(",", " , ");

    assertThat(register(registry, "text", spaced).id()).isNotEqualTo(id);

    int normalized = register(registry, "normalized", record("N", X), "?normalize=true").id();
    String spacedN = record("N", X).replace(",", " , ");
    assertThat(register(registry, "normalized", spacedN, "?normalize=true").id())
        .isEqualTo(normalized);
  }

  @Test
  void aSchemaIsReadByItsIdAsItWasWritten() throws Exception {
    String schema = record("R", X);
    int id = register(registry, "read", schema).id();

    Answer answer = get(registry, "/schemas/ids/" + id);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().path("schema").asText()).isEqualTo(schema);
  }

  @Test
  void anUnknownIdIsAnAnswerOfItsOwn() throws Exception {
    Answer answer = get(registry, "/schemas/ids/999999");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.errorCode()).isEqualTo(40403);
  }

  @Test
  void aRegisteredSchemaIsFoundBySubjectAndAnUnknownOneIsNot() throws Exception {
    int id = register(registry, "found", record("F", X)).id();

    assertThat(post(registry, "/subjects/found", record("F", X)).id()).isEqualTo(id);
    assertThat(post(registry, "/subjects/found", record("F", X, Y_STRING)).errorCode())
        .isEqualTo(40403);
    assertThat(post(registry, "/subjects/nobody", record("F", X)).errorCode()).isEqualTo(40401);
  }

  @Test
  void whatIsNotASchemaIsRefused() throws Exception {
    Answer answer = register(registry, "broken", "{\"type\":\"record\",\"name\":\"B\"}");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.errorCode()).isEqualTo(42201);
  }

  @Test
  void aDurableRegistryKeepsSchemasIdsAndLevelWhenItIsKilled(@TempDir Path kept) throws Exception {
    int port = Ports.free();
    int first;
    int last;
    try (LocalRegistry durable = LocalRegistry.startDurable(kept, port)) {
      setCompatibility(durable, "/config", "FULL_TRANSITIVE");
      first = register(durable, "kept", record("K", X)).id();
      last = register(durable, "kept", record("K", X, Y_STRING)).id();
      durable.process().kill();
    }

    try (LocalRegistry restarted = LocalRegistry.startDurable(kept, port)) {
      assertThat(get(restarted, "/schemas/ids/" + first).body().path("schema").asText())
          .isEqualTo(record("K", X));
      assertThat(register(restarted, "kept", record("K", X, Y_STRING)).id()).isEqualTo(last);
      assertThat(register(restarted, "kept", record("K", X, Y_WITHOUT_DEFAULT)).status())
          .isEqualTo(409);
    }
  }

  @Test
  void anotherRegistryOnThePortIsNotTakenForOurs(@TempDir Path ours) {
    int taken = URI.create(registry.url()).getPort();

    assertThatThrownBy(() -> LocalRegistry.start(ours, taken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("registry ended with exit code")
        .hasMessageContaining(Integer.toString(taken));
  }

  private static String record(String name, String... fields) {
    return "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s]}"
        .formatted(name, String.join(",", fields));
  }

  private static Answer register(LocalRegistry registry, String subject, String schema)
      throws Exception {
    return register(registry, subject, schema, "");
  }

  private static Answer register(
      LocalRegistry registry, String subject, String schema, String query) throws Exception {
    return post(registry, "/subjects/" + subject + "/versions" + query, schema);
  }

  private static Answer post(LocalRegistry registry, String path, String schema) throws Exception {
    String body = JSON.writeValueAsString(Map.of("schema", schema));
    return send(request(registry, path).POST(BodyPublishers.ofString(body)));
  }

  private static Answer get(LocalRegistry registry, String path) throws Exception {
    return send(request(registry, path));
  }

  private static void setCompatibility(LocalRegistry registry, String path, String level)
      throws Exception {
    String body = JSON.writeValueAsString(Map.of("compatibility", level));
    Answer answer = send(request(registry, path).PUT(BodyPublishers.ofString(body)));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().path("compatibility").asText()).isEqualTo(level);
  }

  private static HttpRequest.Builder request(LocalRegistry registry, String path) {
    return HttpRequest.newBuilder(URI.create(registry.url() + path))
        .header("Content-Type", "application/vnd.schemaregistry.v1+json");
  }

  private static Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  private record Answer(int status, JsonNode body) {
    int id() {
      assertThat(status).as(body.toString()).isEqualTo(200);
      return body.path("id").asInt();
    }

    int errorCode() {
      return body.path("error_code").asInt();
    }
  }
}

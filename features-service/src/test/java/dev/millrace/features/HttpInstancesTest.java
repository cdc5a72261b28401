package dev.millrace.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.features.Answer.Found;
import dev.millrace.features.Answer.Unavailable;
import dev.millrace.features.Answer.Unknown;
import dev.millrace.schemas.FeatureSets;
import dev.millrace.servers.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is made of the answers of whoever listens at another instance's address. */
class HttpInstancesTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.250Z");
  private static final ServedSet SET =
      new ServedSet(new FeatureFold(FeatureSets.userActivity()), 3);
  private static final String SHA256 = FeatureSets.userActivity().sha256();

  private final JsonMapper json = JsonMapper.builder().build();
  private final OtherInstances instances = new HttpInstances(json);
  private final List<String> requests = new ArrayList<>();
  private HttpServer server;
  private int status = 200;
  private String body = "";

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.add(
              "%s %s %s %s %s"
                  .formatted(
                      exchange.getRequestMethod(),
                      exchange.getRequestURI(),
                      exchange.getRequestHeaders().getFirst("Millrace-Hop"),
                      exchange.getRequestHeaders().getFirst("Millrace-As-Of"),
                      new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
          byte[] bytes = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private List<Answer> ask(int port, String... users) {
    return instances
        .ask(new HostInfo("127.0.0.1", port), Holder.OWNER, SET, List.of(users), NOON)
        .join();
  }

  private List<Answer> ask(String... users) {
    return ask(server.getAddress().getPort(), users);
  }

  @Test
  void asksAsTheOwnerOrTheStandbyOfTheMomentAndTakesEachUsersAnswer() {
    status = 207;
    body =
        """
        {"feature_set_sha256": "%s", "users": [
          {"user_id": "ann", "status": 200, "newest_event_time": "2026-01-01T11:00:00.000001Z",
           "stale": false,
           "features": {"n": 9007199254740993, "share": 0.1, "types": ["a", "b"], "none": null}},
          {"user_id": "bob", "status": 200, "newest_event_time": "2026-01-01T11:00:00Z",
           "stale": true, "stale_ms": 400, "features": {}},
          {"user_id": "cat", "status": 404},
          {"user_id": "dan", "status": 503, "detail": "not here"}]}
        """
            .formatted(SHA256);

    List<Answer> answers = ask("ann", "bob", "cat", "dan");

    Map<String, Object> features = new LinkedHashMap<>();
    features.put("n", 9_007_199_254_740_993L);
    features.put("share", 0.1);
    features.put("types", Arrays.asList("a", "b"));
    features.put("none", null);
    assertThat(answers)
        .containsExactly(
            new Found(Instant.parse("2026-01-01T11:00:00.000001Z"), features, null),
            new Found(Instant.parse("2026-01-01T11:00:00Z"), Map.of(), 400L),
            new Unknown(),
            new Unavailable("not here"));
    assertThat(requests).hasSize(1);
    String request = requests.get(0);
    assertThat(request).startsWith("POST /v1/features:lookup owner 2026-01-01T12:00:00.250Z {");
    JsonNode sent = json.readTree(request.substring(request.indexOf('{')));
    assertThat(sent.path("feature_set").asString()).isEqualTo(SET.key());
    assertThat(sent.path("user_ids").toString()).isEqualTo("[\"ann\",\"bob\",\"cat\",\"dan\"]");
  }

  @Test
  void aUserIsUnknownOnlyIfTheOwnerSaysItOfThatUser() {
    status = 404;
    body = "{\"status\": 404, \"title\": \"Not Found\"}";

    assertThat(ask("ann", "bob")).hasSize(2).allMatch(Unavailable.class::isInstance);
  }

  @Test
  void anAddressThatIsNoneIsToldAndFailsNothing() throws Exception {
    assertThat(
            instances
                .ask(new HostInfo("no host", 1), Holder.OWNER, SET, List.of("ann", "bob"), NOON)
                .get())
        .hasSize(2)
        .allSatisfy(
            answer ->
                assertThat(((Unavailable) answer).why())
                    .contains("no host:1")
                    .contains("correct its millrace.host"));
  }

  @Test
  void anInstanceThatIsNotTheOwnerOrFailsIsUnavailable() {
    for (int failing : List.of(503, 500, 405, 302)) {
      status = failing;
      assertThat(ask("ann")).as("%d", failing).hasSize(1).allMatch(Unavailable.class::isInstance);
    }
  }

  @Test
  void whoeverElseAnswersAtThatAddressIsNotBelieved() {
    for (String other :
        List.of(
            "hello",
            "{}",
            "[]",
            "{\"feature_set_sha256\": \"%s\", \"users\": []}".formatted(SHA256),
            "{\"feature_set_sha256\": \"other\", \"users\": [{\"status\": 404}]}",
            "{\"feature_set_sha256\": \"%s\", \"users\": [{\"status\": \"?\"}]}".formatted(SHA256),
            "{\"feature_set_sha256\": \"%s\", \"users\": [{\"status\": 200}]}".formatted(SHA256),
            ("{\"feature_set_sha256\": \"%s\", \"users\": [{\"status\": 200, \"features\": {},"
                    + " \"newest_event_time\": \"noon\"}]}")
                .formatted(SHA256))) {
      body = other;
      assertThat(ask("ann")).as(other).hasSize(1).allMatch(Unavailable.class::isInstance);
    }
  }

  @Test
  void anInstanceThatIsAwayIsUnavailableAtOnce() {
    assertThat(ask(Ports.free(), "ann", "bob"))
        .containsExactly(
            new Unavailable(HttpInstances.NO_ANSWER), new Unavailable(HttpInstances.NO_ANSWER));
  }

  /** A process that was stopped still takes connections. */
  @Test
  void anInstanceThatStandsStillIsUnavailableAfterTwoSeconds() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      long before = System.nanoTime();

      assertThat(ask(silent.getLocalPort(), "ann"))
          .containsExactly(new Unavailable(HttpInstances.NO_ANSWER));

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }
  }
}

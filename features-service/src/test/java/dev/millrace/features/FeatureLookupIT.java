package dev.millrace.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import dev.millrace.streams.Surroundings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Two instances on one broker, asked all the time while the second comes and goes: whatever is
 * told, by either, is right.
 */
class FeatureLookupIT {

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final ObjectMapper JSON = new ObjectMapper();
  private final List<String> users =
      IntStream.range(0, 24)
          .mapToObj(number -> "hop-%d-%s".formatted(number, UUID.randomUUID()))
          .toList();

  /**
   * @param stop ends it, and gives others no word of that
   */
  private record Instance(int port, Runnable stop) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final Surroundings surroundings = Surroundings.shared();
  private final long activation = surroundings.activateBundledFeatureSet();
  private final MessageCodec<CleanEventMessage> codec = surroundings.codec(Topics.CLEAN);
  private final List<Runnable> started = new ArrayList<>();
  private final AtomicInteger eventsOfEach = new AtomicInteger();
  private final String group = "lookup-" + UUID.randomUUID();
  private List<Integer> ports;
  @TempDir private Path state;

  @BeforeEach
  void ports() {
    ports = Ports.free(2);
  }

  @AfterEach
  void stop() {
    started.forEach(Runnable::run);
  }

  private String[] arguments(int number) {
    String kafka = "--spring.cloud.stream.kafka.streams.binder.";
    return surroundings.arguments(
        "--server.port=" + ports.get(number),
        "--millrace.host=127.0.0.1",
        "--millrace.instance-id=lookup-" + number,
        "--millrace.state-dir=" + state,
        kafka + "functions.features.application-id=" + group,
        kafka + "configuration.num.standby.replicas=1",
        // The shortest that a broker allows: so soon an instance is missed.
        kafka + "configuration.session.timeout.ms=6000",
        kafka + "configuration.heartbeat.interval.ms=500");
  }

  private Instance start(int number) {
    ConfigurableApplicationContext context =
        SpringApplication.run(FeaturesApplication.class, arguments(number));
    started.add(context::close);
    return new Instance(ports.get(number), context::close);
  }

  private ChildProcess startProcess(int number) {
    List<String> java = new ArrayList<>();
    java.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    java.addAll(List.of("-cp", System.getProperty("java.class.path")));
    java.add(FeaturesApplication.class.getName());
    java.addAll(List.of(arguments(number)));
    ChildProcess process =
        ChildProcess.start("features", state.resolve("features.log"), ChildProcess.java(java));
    started.add(process::close);
    return process;
  }

  /** One event more of each user. */
  private void sendToEach() {
    int number = eventsOfEach.incrementAndGet();
    for (String user : users) {
      Map<EventField, Object> fields = new EnumMap<>(EventField.class);
      Instant time = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      String id = user + "-" + number;
      fields.put(EventField.USER_ID, user);
      fields.put(EventField.EVENT_ID, id);
      fields.put(EventField.EVENT_TIME, time);
      fields.put(EventField.EVENT_TYPE, "view");
      fields.put(EventField.VALUE_MICROS, 1_000L);
      CleanEvent event =
          new CleanEvent(
              user,
              id,
              false,
              time,
              time,
              false,
              new Origin("raw-topic", 1, number),
              "default",
              activation,
              new EventContent(fields),
              List.of());
      surroundings.send(
          Topics.CLEAN, user, codec.encode(Messages.clean(event, "mapping", "contract", Map.of())));
    }
  }

  private HttpResponse<String> post(int port, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/v1/features:lookup".formatted(port)))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private HttpResponse<String> get(int port, String path) {
    return send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path))).build());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new IllegalStateException(response.body(), e);
    }
  }

  private static String asking(List<String> users) {
    return "{\"user_ids\": [\"%s\"]}".formatted(String.join("\", \"", users));
  }

  /** What is told of each user, if it is told of each and is the newest; otherwise nothing. */
  private Map<String, JsonNode> told(int port) {
    HttpResponse<String> response = post(port, asking(users));
    Map<String, JsonNode> told = new TreeMap<>();
    if (response.statusCode() == 200) {
      for (JsonNode user : json(response).path("users")) {
        if (user.path("status").asInt() == 200 && !user.path("stale").asBoolean()) {
          told.put(user.path("user_id").asText(), user.path("features"));
        }
      }
    }
    return told.size() == users.size() ? told : Map.of();
  }

  private void awaitEventsOfEach(int port, int events) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> told(port).values().stream().map(f -> f.path("events_30d").asInt()).toList(),
            counts -> counts.size() == users.size() && counts.stream().allMatch(c -> c == events));
  }

  private double answered(Instance instance, String outcome) {
    String line = "millrace_lookups_answered_total{outcome=\"" + outcome + "\"} ";
    return get(instance.port(), "/actuator/prometheus")
        .body()
        .lines()
        .filter(metric -> metric.startsWith(line))
        .mapToDouble(metric -> Double.parseDouble(metric.substring(line.length())))
        .findFirst()
        .orElseThrow();
  }

  /** Asks one instance for all users until it is told to end, and keeps whatever is wrong. */
  private final class Poller implements AutoCloseable {
    final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    final AtomicInteger fresh = new AtomicInteger();
    final AtomicInteger stale = new AtomicInteger();
    final AtomicInteger unavailable = new AtomicInteger();

    /** No fresh answer may tell of fewer events than were known when the polling began. */
    private final int known = eventsOfEach.get();

    private final Thread thread;
    private volatile boolean going = true;

    Poller(int port) {
      thread =
          new Thread(
              () -> {
                while (going) {
                  try {
                    poll(port);
                  } catch (UncheckedIOException e) {
                    unavailable.addAndGet(users.size()); // it ended, and so told nothing wrong
                  }
                }
              });
      thread.start();
    }

    private void poll(int port) {
      HttpResponse<String> response = post(port, asking(users));
      if (response.statusCode() == 503) {
        unavailable.addAndGet(users.size());
        return;
      }
      JsonNode answers = json(response).path("users");
      for (int i = 0; i < users.size(); i++) {
        check(users.get(i), answers.path(i));
      }
    }

    private void check(String user, JsonNode answer) {
      if (answer.path("status").asInt() == 503) {
        unavailable.incrementAndGet();
        return;
      }
      boolean isStale = answer.path("stale").asBoolean();
      int events = answer.path("features").path("events_30d").asInt(-1);
      boolean right =
          answer.path("status").asInt() == 200
              && answer.path("user_id").asText().equals(user)
              && events >= (isStale ? 1 : known)
              && events <= eventsOfEach.get()
              && answer.path("features").path("value_sum_24h").asLong() == 1_000L * events
              && answer.has("stale_ms") == isStale;
      if (!right) {
        wrong.add(user + ": " + answer);
      }
      (isStale ? stale : fresh).incrementAndGet();
    }

    @Override
    public void close() throws InterruptedException {
      going = false;
      thread.join();
    }
  }

  @Test
  void anyInstanceAnswersForAllUsersAndNoneIsWrongWhileTheOtherComesAndGoes() throws Exception {
    Instance first = start(0);
    sendToEach();
    awaitEventsOfEach(first.port(), 1);

    Instance second;
    try (Poller poller = new Poller(first.port())) {
      second = start(1);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                sendToEach();
                return answered(first, "FORWARDED") > 0
                    && told(first.port()).size() == users.size()
                    && told(second.port()).size() == users.size();
              });
      poller.close();
      assertThat(poller.wrong).isEmpty();
      assertThat(poller.fresh).hasPositiveValue();
    }

    awaitEventsOfEach(first.port(), eventsOfEach.get());
    awaitEventsOfEach(second.port(), eventsOfEach.get());
    bothTellTheSame(first, second);
    anInstanceThatIsAskedByAnotherTellsOnlyWhatItOwns(first, second);

    try (Poller poller = new Poller(first.port())) {
      second.stop().run();
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> poller.stale.get() > 0);
      sendToEach();
      awaitEventsOfEach(first.port(), eventsOfEach.get());
      poller.close();
      assertThat(poller.wrong).isEmpty();
    }
    assertThat(answered(first, "STALE")).isPositive();
    assertThat(answered(first, "OWNER")).isPositive();
  }

  /** It was an owner, is none any more, and does not know it yet. */
  @Test
  void aProcessThatStoodStillAndWakesUpTellsNothingOldAsNew() throws Exception {
    ChildProcess sleeper = startProcess(1);
    Instance first = start(0);
    int sleeping = ports.get(1);
    sleeper.awaitReady(PATIENCE, () -> isUp(sleeping));
    sendToEach();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                told(sleeping).size() == users.size()
                    && told(first.port()).size() == users.size()
                    && answered(first, "FORWARDED") > 0);
    awaitEventsOfEach(first.port(), 1);

    sleeper.suspend();
    sendToEach();
    awaitEventsOfEach(first.port(), 2);

    // Its first request waits for it, and is answered before it has heard from Kafka.
    try (Poller poller = new Poller(sleeping)) {
      sleeper.resume();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  !poller.wrong.isEmpty()
                      || poller.fresh.get() > users.size()
                      || !sleeper.isAlive());
      poller.close();
      assertThat(poller.wrong).isEmpty();
      assertThat(poller.stale.get() + poller.unavailable.get()).isPositive();
    }
  }

  private boolean isUp(int port) {
    try {
      return get(port, "/actuator/health/liveness").statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private void bothTellTheSame(Instance first, Instance second) {
    // As of the same moment only what does not depend on it is equal.
    for (String user : List.of(users.get(0), users.get(1), users.get(2), users.get(3))) {
      JsonNode one = json(get(first.port(), "/v1/users/" + user + "/features"));
      JsonNode other = json(get(second.port(), "/v1/users/" + user + "/features"));
      assertThat(one.path("stale").asBoolean(true)).isFalse();
      assertThat(other.path("newest_event_time")).isEqualTo(one.path("newest_event_time"));
      assertThat(other.path("features").fieldNames())
          .toIterable()
          .containsExactlyElementsOf(() -> one.path("features").fieldNames());
      for (String column : List.of("events_30d", "value_sum_24h", "last_types")) {
        assertThat(other.path("features").path(column))
            .as(column)
            .isEqualTo(one.path("features").path(column));
      }
    }
    assertThat(get(first.port(), "/v1/users/hop-nobody/features").statusCode()).isEqualTo(404);
    assertThat(get(second.port(), "/v1/users/hop-nobody/features").statusCode()).isEqualTo(404);
  }

  /** Of each user with the reason, which the one that asked passes on. */
  private static void assertAllUnavailable(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(207);
    assertThat(json(response).path("users"))
        .isNotEmpty()
        .allSatisfy(
            user -> {
              assertThat(user.path("status").asInt()).isEqualTo(503);
              assertThat(user.path("detail").asText()).isNotBlank();
            });
  }

  private void anInstanceThatIsAskedByAnotherTellsOnlyWhatItOwns(Instance first, Instance second) {
    String moment = "2027-03-04T05:06:07.000008Z";
    Set<String> owned = new TreeSet<>();
    int own = 0;
    for (int port : List.of(first.port(), second.port())) {
      HttpResponse<String> response =
          post(port, asking(users), HttpInstances.HOP, "owner", HttpInstances.AS_OF, moment);
      assertThat(response.statusCode()).isEqualTo(207);
      assertThat(json(response).path("as_of").asText()).isEqualTo(moment);
      assertThat(json(response).path("unknown").asInt(-1)).isZero();
      List<String> foreign = new ArrayList<>();
      for (JsonNode user : json(response).path("users")) {
        if (user.path("status").asInt() == 200) {
          assertThat(user.path("stale").asBoolean(true)).isFalse();
          // At that moment the events are long past.
          assertThat(user.path("features").path("events_30d").asInt(-1)).isZero();
          owned.add(user.path("user_id").asText());
          own++;
        } else {
          foreign.add(user.path("user_id").asText());
        }
      }
      assertAllUnavailable(post(port, asking(foreign), HttpInstances.HOP, "owner"));
      // It became their standby a moment ago, and has to learn that it has caught up.
      HttpResponse<String> standby =
          await()
              .atMost(PATIENCE)
              .until(
                  () -> post(port, asking(foreign), HttpInstances.HOP, "standby"),
                  answer -> answer.statusCode() == 200);
      assertThat(json(standby).path("users"))
          .allSatisfy(
              user -> {
                assertThat(user.path("stale").asBoolean()).isTrue();
                assertThat(user.path("stale_ms").isIntegralNumber()).isTrue();
              });
      assertAllUnavailable(post(port, asking(List.of("hop-nobody")), HttpInstances.HOP, "standby"));
    }
    assertThat(owned).containsExactlyInAnyOrderElementsOf(users);
    assertThat(own).isEqualTo(users.size());
  }
}

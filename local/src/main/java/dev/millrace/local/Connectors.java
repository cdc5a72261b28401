package dev.millrace.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The connectors of a Connect cluster, by its REST interface. */
final class Connectors {

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int CONFLICT = 409;
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** A connector's declaration, as Connect's REST interface takes it. */
  private record Declared(String name, ObjectNode config) {}

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();
  private final String url;

  /**
   * @param url of one of the cluster's workers
   */
  Connectors(String url) {
    this.url = url;
  }

  /** Whether the worker says so itself; false while it starts. */
  boolean isReady() {
    return answer(request("/health").GET())
        .filter(answer -> answer.statusCode() == 200)
        .isPresent();
  }

  /**
   * Creates the connectors that files declare, or changes them to that; returns when all of them
   * run.
   *
   * @param overridden values that take the place of those in the files, by key
   * @throws CommandException with what Connect says, if one is refused or fails
   */
  void create(List<Path> files, Map<String, String> overridden) {
    List<String> names = new ArrayList<>();
    for (Path file : files) {
      Declared declared = read(file);
      overridden.forEach(declared.config()::put);
      put(declared, file);
      names.add(declared.name());
    }
    awaitRunning(names);
  }

  /** Changes a connector to what the file declares; returns at once. */
  void change(Path file, Map<String, String> overridden) {
    Declared declared = read(file);
    overridden.forEach(declared.config()::put);
    put(declared, file);
  }

  /** What the tasks of a connector are told of an option. */
  Set<String> told(String connector, String option) {
    Set<String> values = new TreeSet<>();
    answer(request("/connectors/" + connector + "/tasks").GET())
        .filter(answer -> answer.statusCode() == 200)
        .ifPresent(
            answer ->
                json(answer.body())
                    .forEach(task -> values.add(task.path("config").path(option).asText())));
    return values;
  }

  private static Declared read(Path file) {
    try {
      JsonNode declared = JSON.readTree(Files.readAllBytes(file));
      if (declared.path("config") instanceof ObjectNode config && declared.hasNonNull("name")) {
        return new Declared(declared.path("name").asText(), config);
      }
    } catch (IOException e) {
      throw new CommandException("Cannot read the connector in " + file, e);
    }
    throw new CommandException(
        "%s declares no connector; it needs a name and a config, as POST /connectors takes them"
            .formatted(file));
  }

  private void put(Declared declared, Path file) {
    BodyPublisher config = BodyPublishers.ofString(declared.config().toString());
    long start = System.nanoTime();
    while (true) {
      HttpResponse<String> answer =
          answer(
                  request("/connectors/" + declared.name() + "/config")
                      .header("Content-Type", "application/json")
                      .PUT(config))
              .orElseThrow(() -> new CommandException("Connect does not answer at " + url));
      if (answer.statusCode() / 100 == 2) {
        return;
      }
      // While its workers share out what there is to do, a cluster takes nothing.
      if (answer.statusCode() != CONFLICT || isOver(start)) {
        throw new CommandException(
            "Connect refuses the connector in %s: %s"
                .formatted(file, json(answer.body()).path("message").asText(answer.body())));
      }
      pause();
    }
  }

  private void awaitRunning(List<String> names) {
    long start = System.nanoTime();
    while (true) {
      Map<String, String> states = states();
      Map<String, String> failures = failures();
      if (!failures.isEmpty()) {
        throw new CommandException(String.join("\n", failures.values()));
      }
      List<String> waiting =
          names.stream().filter(name -> !"RUNNING".equals(states.get(name))).toList();
      if (waiting.isEmpty()) {
        return;
      }
      if (isOver(start)) {
        throw new CommandException(
            "These connectors do not run after %d s: %s; the log of connect says why"
                .formatted(PATIENCE.toSeconds(), String.join(", ", waiting)));
      }
      pause();
    }
  }

  /** Of all connectors, whoever created them. */
  Set<String> names() {
    return status().keySet();
  }

  /**
   * How each connector stands: {@code RUNNING} if it and all its tasks are, {@code FAILED} if one
   * is not to run any more, otherwise what Connect says of it.
   */
  Map<String, String> states() {
    Map<String, String> states = new TreeMap<>();
    status().forEach((name, status) -> states.put(name, state(status)));
    return states;
  }

  /** The worker on which each task of a connector is, by the task's number. */
  Map<Integer, String> taskWorkers(String connector) {
    Map<Integer, String> workers = new TreeMap<>();
    JsonNode status = status().getOrDefault(connector, JSON.createObjectNode());
    status
        .path("tasks")
        .forEach(task -> workers.put(task.path("id").asInt(), task.path("worker_id").asText()));
    return workers;
  }

  private static String state(JsonNode status) {
    List<String> states = new ArrayList<>();
    JsonNode tasks = status.path("tasks");
    states.add(status.path("connector").path("state").asText());
    tasks.forEach(task -> states.add(task.path("state").asText()));
    if (states.contains("FAILED")) {
      return "FAILED";
    }
    return tasks.isEmpty()
        ? "UNASSIGNED"
        : states.stream().filter(state -> !state.equals("RUNNING")).findFirst().orElse("RUNNING");
  }

  /** What has failed and why, in words for the user, by the connector's name. */
  Map<String, String> failures() {
    Map<String, String> failures = new TreeMap<>();
    status()
        .forEach(
            (name, status) ->
                trace(status)
                    .ifPresent(
                        trace ->
                            failures.put(
                                name,
                                "The connector %s has failed: %s%nWhen that is mended: curl -s -X POST '%s/connectors/%s/restart?includeTasks=true&onlyFailed=true'"
                                    .formatted(name, reason(trace), url, name))));
    return failures;
  }

  private static Optional<String> trace(JsonNode status) {
    List<JsonNode> parts = new ArrayList<>(List.of(status.path("connector")));
    status.path("tasks").forEach(parts::add);
    return parts.stream()
        .filter(part -> part.path("state").asText().equals("FAILED"))
        .map(part -> part.path("trace").asText())
        .findFirst();
  }

  /** The innermost cause that a stack trace names: what is around it is Connect's own. */
  private static String reason(String trace) {
    String causedBy = "Caused by: ";
    int last = trace.lastIndexOf(causedBy);
    String innermost = last < 0 ? trace : trace.substring(last + causedBy.length());
    return innermost.lines().findFirst().orElse(trace);
  }

  private Map<String, JsonNode> status() {
    Map<String, JsonNode> status = new TreeMap<>();
    answer(request("/connectors?expand=status").GET())
        .filter(answer -> answer.statusCode() == 200)
        .ifPresent(
            answer ->
                json(answer.body())
                    .properties()
                    .forEach(
                        connector ->
                            status.put(connector.getKey(), connector.getValue().path("status"))));
    return status;
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).timeout(ANSWER_TIMEOUT);
  }

  private Optional<HttpResponse<String>> answer(HttpRequest.Builder request) {
    try {
      return Optional.of(http.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException silent) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while asking " + url, e);
    }
  }

  private static boolean isOver(long start) {
    return System.nanoTime() - start > PATIENCE.toNanos();
  }

  private void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while waiting for " + url, e);
    }
  }
}

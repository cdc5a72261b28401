package dev.millrace.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** What a service tells about itself. */
final class ServiceClient {

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
  private static final String ACTIVATIONS_OFFSET = "millrace_activations_offset";

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();

  /** Whether the service says so itself. */
  boolean isReady(String url) {
    return get(url + "/actuator/health/readiness").isPresent();
  }

  /** Offset of the last activation that it has read; empty as long as it does not say. */
  OptionalLong activationsOffset(String url) {
    return get(url + "/actuator/prometheus").stream()
        .flatMap(String::lines)
        .filter(line -> line.matches(ACTIVATIONS_OFFSET + "[ {].*"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst();
  }

  private Optional<String> get(String url) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_TIMEOUT).build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    } catch (IOException silent) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while asking " + url, e);
    }
  }
}

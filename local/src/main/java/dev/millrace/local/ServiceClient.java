package dev.millrace.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What a service tells about itself. */
final class ServiceClient {

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();

  /** Whether the service says so itself. */
  boolean isReady(String url) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/actuator/health/readiness"))
            .timeout(ANSWER_TIMEOUT)
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException silent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while asking " + url, e);
    }
  }
}

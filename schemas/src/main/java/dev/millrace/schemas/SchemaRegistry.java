package dev.millrace.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Client of a schema registry that speaks Confluent's REST protocol.
 *
 * <p>A registry that is away, slow or failing is asked again until the patience is over; an id that
 * it does not know is an answer. The two are never mixed up, so an outage quarantines nothing.
 */
public final class SchemaRegistry {

  /** The registry stayed away for the whole patience, or refused what it must accept. */
  public static final class RegistryException extends RuntimeException {
    RegistryException(String message, Throwable cause) {
      super(message, cause);
    }

    RegistryException(String message) {
      super(message);
    }
  }

  /** Asked again; anything else is final. */
  private static final class AnotherTryException extends RuntimeException {
    AnotherTryException(String message) {
      super(message);
    }
  }

  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int SCHEMA_NOT_FOUND = 40403;
  private static final Duration ONE_REQUEST = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;
  private final HttpClient http;

  /** Several services that start together can meet on a new subject; the second try finds it. */
  private static final RetryPolicy<HttpResponse<String>> CONFLICT =
      RetryPolicy.<HttpResponse<String>>builder()
          .handleResultIf(response -> response.statusCode() == 409)
          .withDelay(Duration.ofMillis(250))
          .withJitter(0.5)
          .withMaxRetries(4)
          .build();

  private final RetryPolicy<HttpResponse<String>> retry;
  private final Duration patience;
  private final Map<Integer, Schema> schemasById = new ConcurrentHashMap<>();

  /**
   * @param url base of the protocol, such as {@code http://registry:8081}
   * @param patience how long a call may try before it throws; &gt; 0
   */
  public SchemaRegistry(String url, Duration patience) {
    this.url = url.replaceAll("/+$", "");
    this.patience = patience;
    this.http = HttpClient.newBuilder().connectTimeout(ONE_REQUEST).build();
    long firstDelay = Math.max(1, Math.min(100, patience.toMillis() / 60));
    this.retry =
        RetryPolicy.<HttpResponse<String>>builder()
            .handle(IOException.class, AnotherTryException.class)
            .withBackoff(firstDelay, firstDelay * 50, ChronoUnit.MILLIS)
            .withJitter(0.2)
            .withMaxDuration(patience)
            .withMaxRetries(-1)
            .build();
  }

  /**
   * Makes the registry refuse a schema that any earlier or later reader of the subject can't read.
   */
  public void requireFullCompatibility(String subject) {
    exchange(
        HttpRequest.newBuilder(uri("/config/" + subject))
            .PUT(body(JSON.createObjectNode().put("compatibility", "FULL_TRANSITIVE"))),
        "set the compatibility of " + subject);
  }

  /**
   * Registers the schema, or finds it if it is registered already.
   *
   * @return its id
   * @throws RegistryException if it is not compatible with the subject's earlier ones
   */
  public int register(String subject, Schema schema) {
    JsonNode answer =
        exchange(
            HttpRequest.newBuilder(uri("/subjects/" + subject + "/versions"))
                .POST(body(JSON.createObjectNode().put("schema", schema.toString()))),
            "register " + schema.getName() + " under " + subject);
    return answer.required("id").intValue();
  }

  /** The schema of that id; empty if the registry says that there is none. */
  public Optional<Schema> find(int id) {
    Schema known = schemasById.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    String what = "fetch schema " + id;
    HttpResponse<String> response =
        send(HttpRequest.newBuilder(uri("/schemas/ids/" + id)).GET(), what);
    if (response.statusCode() == 404 && errorCode(response) == SCHEMA_NOT_FOUND) {
      return Optional.empty();
    }
    String text = requireSuccess(response, what).required("schema").textValue();
    try {
      Schema schema = new Schema.Parser().parse(text);
      schemasById.put(id, schema);
      return Optional.of(schema);
    } catch (AvroRuntimeException e) {
      // Such as a Protobuf or JSON schema: to an Avro reader there is no schema of that id.
      return Optional.empty();
    }
  }

  private JsonNode exchange(HttpRequest.Builder request, String what) {
    return requireSuccess(send(request, what), what);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, String what) {
    HttpRequest ready = request.timeout(ONE_REQUEST).header("Content-Type", CONTENT_TYPE).build();
    try {
      return Failsafe.with(CONFLICT, retry)
          .get(
              () -> {
                HttpResponse<String> response =
                    http.send(ready, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() >= 500 || response.statusCode() == 429) {
                  throw new AnotherTryException("it answers " + response.statusCode());
                }
                return response;
              });
    } catch (FailsafeException | AnotherTryException e) {
      Throwable cause = e instanceof FailsafeException && e.getCause() != null ? e.getCause() : e;
      if (cause instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new RegistryException(
          "Cannot %s: the schema registry at %s was not there for %d s (%s). Start it, or correct its URL."
              .formatted(what, url, patience.toSeconds(), cause),
          cause);
    }
  }

  private JsonNode requireSuccess(HttpResponse<String> response, String what) {
    if (response.statusCode() / 100 != 2) {
      throw new RegistryException(
          "Cannot %s: the schema registry at %s answers %d: %s"
              .formatted(what, url, response.statusCode(), response.body()));
    }
    return json(response, what);
  }

  private int errorCode(HttpResponse<String> response) {
    return json(response, "read an error").path("error_code").asInt();
  }

  private JsonNode json(HttpResponse<String> response, String what) {
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new RegistryException(
          "Cannot %s: %s does not speak the schema registry protocol; is the URL complete?"
              .formatted(what, url),
          e);
    }
  }

  private URI uri(String path) {
    return URI.create(url + path);
  }

  private static HttpRequest.BodyPublisher body(JsonNode json) {
    return HttpRequest.BodyPublishers.ofString(json.toString());
  }
}

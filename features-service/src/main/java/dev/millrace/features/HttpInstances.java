package dev.millrace.features;

import dev.millrace.features.Answer.Found;
import dev.millrace.features.Answer.Unavailable;
import dev.millrace.features.Answer.Unknown;
import dev.millrace.schemas.ContentType;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks other instances by their own bulk lookup, with a header that says that they are not to ask
 * on.
 */
final class HttpInstances implements OtherInstances {

  /** {@link Holder} in lower case: answer of what you hold yourself, as that. */
  static final String HOP = "Millrace-Hop";

  /** The moment that windows end at, so that all answers have the same. */
  static final String AS_OF = "Millrace-As-Of";

  static final String NO_ANSWER =
      "The instance that has this user does not answer; the user moves to another one if that lasts. Ask again.";
  private static final String OTHER_ANSWER =
      "The instance that has this user answers, but not as this release does; ask again.";
  private static final String NOT_OWNER =
      "The instance that had this user has it no more, or not yet; ask again.";

  static final String BUSY =
      "This instance waits for too many answers of others; ask again, or the instance that has this user.";
  private static final String NO_ADDRESS =
      "The instance that has this user calls itself %s:%d, which is no address; correct its millrace.host.";

  /** Far fewer than threads that serve, so that instances which ask each other still answer. */
  private static final int MOST_UNDER_WAY = 64;

  private static final Duration CONNECT_WITHIN = Duration.ofMillis(500);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  private final Semaphore underWay = new Semaphore(MOST_UNDER_WAY);
  private final JsonMapper json;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_WITHIN)
          .build();

  HttpInstances(JsonMapper json) {
    this.json = json;
  }

  @Override
  public CompletableFuture<List<Answer>> ask(
      HostInfo instance, Holder holder, ServedSet set, List<String> userIds, Instant asOf) {
    @Nullable URI uri = uri(instance);
    if (uri == null) {
      return CompletableFuture.completedFuture(
          all(NO_ADDRESS.formatted(instance.host(), instance.port()), userIds.size()));
    }
    if (!underWay.tryAcquire()) {
      return CompletableFuture.completedFuture(all(BUSY, userIds.size()));
    }
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER_WITHIN)
            .header(HttpHeaders.CONTENT_TYPE, ContentType.JSON)
            .header(HOP, holder.name().toLowerCase(Locale.ROOT))
            .header(AS_OF, asOf.toString())
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    json.writeValueAsBytes(Map.of("user_ids", userIds, "feature_set", set.key()))))
            .build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .orTimeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (response, failure) -> {
              underWay.release();
              return failure == null
                  ? answers(response, set, userIds.size())
                  : all(NO_ANSWER, userIds.size());
            });
  }

  /** Null if an instance gave itself an address that is none. */
  private static @Nullable URI uri(HostInfo instance) {
    try {
      URI uri =
          new URI("http", null, instance.host(), instance.port(), FeatureLookup.BULK, null, null);
      return uri.getHost() == null ? null : uri;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private List<Answer> answers(HttpResponse<byte[]> response, ServedSet set, int users) {
    if (response.statusCode() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
      return all(NOT_OWNER, users);
    }
    if (response.statusCode() != HttpStatus.OK.value()
        && response.statusCode() != HttpStatus.MULTI_STATUS.value()) {
      return all(OTHER_ANSWER, users);
    }
    try {
      JsonNode body = json.readTree(response.body());
      JsonNode told = body.path("users");
      // Whoever took over the address, or was built with another set, is not whom we asked.
      if (!body.path("feature_set_sha256").asString("").equals(set.fold().set().sha256())
          || told.size() != users) {
        return all(OTHER_ANSWER, users);
      }
      List<Answer> answers = new ArrayList<>();
      for (JsonNode user : told) {
        answers.add(answer(user));
      }
      return answers;
    } catch (JacksonException | DateTimeException e) {
      return all(OTHER_ANSWER, users);
    }
  }

  private Answer answer(JsonNode user) {
    int status = user.path("status").asInt(0);
    if (status == HttpStatus.NOT_FOUND.value()) {
      return new Unknown();
    }
    if (status != HttpStatus.OK.value()) {
      return new Unavailable(user.path("detail").asString(NOT_OWNER));
    }
    JsonNode features = user.path("features");
    if (!features.isObject()) {
      return new Unavailable(OTHER_ANSWER);
    }
    return new Found(
        Instant.parse(user.path("newest_event_time").asString("")),
        json.convertValue(features, new TypeReference<Map<String, @Nullable Object>>() {}),
        user.path("stale").asBoolean(false) ? user.path("stale_ms").asLong() : null);
  }

  private static List<Answer> all(String why, int users) {
    return Collections.nCopies(users, new Unavailable(why));
  }
}

package dev.millrace.features;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The body of a bulk lookup.
 *
 * @param userIds as they were sent
 * @param featureSet {@code name@version}
 */
record LookupRequest(List<String> userIds, String featureSet) {

  static final int MOST_USERS = 1_000;
  private static final int MOST_BYTES = 1_000_000;

  private static final String USER_IDS = "user_ids";
  private static final String FEATURE_SET = "feature_set";
  private static final String SHAPE =
      "Send {\"user_ids\": [\"…\"], \"feature_set\": \"name@version\"}; without feature_set it is "
          + ServedSet.DEFAULT
          + ".";

  /**
   * @throws Problem 400 if it is none, 413 if it has too many bytes or users
   */
  static LookupRequest read(HttpServletRequest request, JsonMapper json) throws IOException {
    JsonNode body;
    try (InputStream in = request.getInputStream()) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new Problem(
            HttpStatus.CONTENT_TOO_LARGE,
            "Body too large",
            "At most %d bytes are taken; send several requests.".formatted(MOST_BYTES));
      }
      body = json.readTree(bytes);
    } catch (JacksonException e) {
      throw malformed("The body is no JSON.");
    }
    if (!body.isObject() || !Set.of(USER_IDS, FEATURE_SET).containsAll(body.propertyNames())) {
      throw malformed("The body is no JSON object of user_ids and feature_set.");
    }
    JsonNode set = body.path(FEATURE_SET);
    if (!set.isMissingNode() && !set.isString()) {
      throw malformed("feature_set is no string.");
    }
    return new LookupRequest(userIds(body.path(USER_IDS)), set.asString(ServedSet.DEFAULT));
  }

  private static List<String> userIds(JsonNode sent) {
    if (!sent.isArray() || sent.isEmpty()) {
      throw malformed("user_ids is no array of at least one user id.");
    }
    if (sent.size() > MOST_USERS) {
      throw new Problem(
          HttpStatus.CONTENT_TOO_LARGE,
          "Too many users",
          "At most %d users are looked up at once; send several requests.".formatted(MOST_USERS));
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode id : sent) {
      if (!id.isString()) {
        throw malformed("user_ids holds something that is no string.");
      }
      ids.add(id.asString());
    }
    return List.copyOf(ids);
  }

  private static Problem malformed(String what) {
    return new Problem(HttpStatus.BAD_REQUEST, "Malformed lookup", what + " " + SHAPE);
  }
}

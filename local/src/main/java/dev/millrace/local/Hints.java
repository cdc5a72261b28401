package dev.millrace.local;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Commands to copy, with the ports of the running stack in them. */
final class Hints {

  private Hints() {}

  /** Sends an event and looks at its score. */
  static String postAndLookUp(Stack stack) {
    return """

        Send an event, and see the score it leads to (a moment later; until then it answers 404):

          curl -s %s/v1/events -H 'Content-Type: application/json' \\
            -d '{"user_id": "you", "event_id": "e-1", "event_time": "%s", "event_type": "purchase", "product_id": "p-1", "value": 9.99}'
          curl -s %s/v1/users/you/scores
        """
        .formatted(
            stack.url(Service.INGEST),
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            stack.url(Service.SCORING));
  }

  /** Looks at a user who is there. */
  static String lookUp(Stack stack, String user) {
    String path = URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20");
    return """

        Look at one of the users: the latest score with the features that made it, and the
        features as they are now, when the events may be long past:

          curl -s '%s/v1/users/%s/scores'
          curl -s '%s/v1/users/%s/features'
        """
        .formatted(stack.url(Service.SCORING), path, stack.url(Service.FEATURES), path);
  }
}

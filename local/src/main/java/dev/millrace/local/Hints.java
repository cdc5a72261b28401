package dev.millrace.local;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Commands to copy, with the ports of the running stack in them. */
final class Hints {

  /** As in the READMEs, to the letter: whoever sends it from both has sent it twice. */
  static final String EVENT =
      """
      {"user_id": "you", "event_id": "e-1", "event_time": "2026-01-05T12:00:00Z", "event_type": "purchase", "value": 9.99}""";

  private Hints() {}

  /** Sends an event and looks at its score. */
  static String postAndLookUp(Stack stack) {
    return """

        Send an event, and see the score it leads to (a moment later; until then there is none):

          curl -s %s/v1/events -H 'Content-Type: application/json' \\
            -d '%s'
          curl -s %s/v1/users/you/scores
        """
        .formatted(stack.url(Service.INGEST), EVENT, stack.url(Service.SCORING));
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

package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What must become of a line, in whatever order users are mixed, as long as each user's order is
 * kept.
 *
 * @param kind what is special about it; null for a regular event
 * @param user whose event it is; null if the line tells nobody
 */
public record Expectation(@Nullable Kind kind, @Nullable String user) {

  /** The three ends of a raw event. */
  public enum Outcome {
    CLEAN,
    DUPLICATE,
    QUARANTINED
  }

  public Outcome outcome() {
    return kind == null ? Outcome.CLEAN : kind.outcome();
  }

  /** All of them, sorted; empty unless quarantined. */
  public List<ExpectedReason> reasons() {
    return kind == null ? List.of() : kind.reasons();
  }

  /** As it stands in the truth file. */
  ObjectNode json() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("outcome", outcome().name().toLowerCase(Locale.ROOT));
    ArrayNode list = json.putArray("reasons");
    for (ExpectedReason expected : reasons()) {
      list.addObject().put("reason", expected.reason()).put("field", expected.field());
    }
    return json.put("kind", kind == null ? null : kind.kindName()).put("user", user);
  }
}

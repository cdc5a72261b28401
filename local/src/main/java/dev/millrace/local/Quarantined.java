package dev.millrace.local;

import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ViolationMessage;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event that was quarantined.
 *
 * @param when it had arrived; if that could not be read, when it was quarantined
 */
record Quarantined(Instant when, QuarantinedEventMessage event) {

  private static final int LONGEST_SOURCE = 24;
  private static final String NONE = "-";

  /** A row for each reason; what it shares with the one before it is not said again. */
  static String table(List<Quarantined> events) {
    Table table = new Table("arrived", "source", "origin", "stage", "rule", "field", "message");
    for (Quarantined quarantined : events) {
      QuarantinedEventMessage event = quarantined.event();
      String[] shared = {
        quarantined.when().toString(),
        shortened(event.getSource()),
        origin(event.getOrigin()),
        event.getStage()
      };
      for (ViolationMessage violation : event.getViolations()) {
        table.row(
            shared[0],
            shared[1],
            shared[2],
            shared[3],
            violation.getRule(),
            Objects.requireNonNullElse(violation.getField(), NONE),
            violation.getMessage());
        shared = new String[] {"", "", "", ""};
      }
    }
    return table.toString();
  }

  private static String origin(OriginMessage origin) {
    return origin.getPartition() + ":" + origin.getOffset();
  }

  /** Whoever sends an event names its source, at any length. */
  private static String shortened(@Nullable String source) {
    if (source == null) {
      return NONE;
    }
    return source.length() <= LONGEST_SOURCE
        ? source
        : source.substring(0, LONGEST_SOURCE - 1) + "…";
  }
}

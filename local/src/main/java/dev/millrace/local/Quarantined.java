package dev.millrace.local;

import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ViolationMessage;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An event that was quarantined.
 *
 * @param when it had arrived; if that could not be read, when it was quarantined
 */
record Quarantined(Instant when, QuarantinedEventMessage event) {

  private static final int LONGEST_SOURCE = 24;
  private static final int LONGEST_FILE = 40;
  private static final String NONE = "-";

  /** A row for each reason; what it shares with the one before it is not said again. */
  static String table(List<Quarantined> events) {
    // Where no event is from a file, nothing is said of files.
    boolean files = events.stream().anyMatch(entry -> entry.event().getFileName() != null);
    Table table =
        new Table(
            row(
                shared("arrived", "source", files ? "file:line" : null, "origin", "stage"),
                "rule",
                "field",
                "message"));
    for (Quarantined quarantined : events) {
      QuarantinedEventMessage event = quarantined.event();
      List<String> shared =
          shared(
              quarantined.when().toString(),
              shortened(event.getSource()),
              files ? file(event) : null,
              origin(event.getOrigin()),
              event.getStage());
      for (ViolationMessage violation : event.getViolations()) {
        table.row(
            row(
                shared,
                violation.getRule(),
                Objects.requireNonNullElse(violation.getField(), NONE),
                violation.getMessage()));
        shared = Collections.nCopies(shared.size(), "");
      }
    }
    return table.toString();
  }

  private static List<String> shared(@Nullable String... cells) {
    return Stream.of(cells).filter(Objects::nonNull).toList();
  }

  private static String[] row(List<String> shared, String... violation) {
    return Stream.concat(shared.stream(), Stream.of(violation)).toArray(String[]::new);
  }

  /** The line of the file, unpacked, on which the event begins. */
  private static String file(QuarantinedEventMessage event) {
    String name = event.getFileName();
    if (name == null) {
      return NONE;
    }
    int over = name.length() - LONGEST_FILE;
    return (over <= 0 ? name : "…" + name.substring(over + 1)) + ":" + event.getFileLine();
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

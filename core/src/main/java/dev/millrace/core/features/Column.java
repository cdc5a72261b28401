package dev.millrace.core.features;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One value of a vector.
 *
 * @param window null where there is none
 */
public record Column(String name, Type type, Unit unit, @Nullable Duration window, String doc) {

  /** What a value is; any may be null but counts, sums and lists. */
  public enum Type {
    INTEGER,
    DOUBLE,
    BOOLEAN,
    STRING,
    LIST
  }

  /** What a number counts. */
  public enum Unit {
    NONE,
    EVENTS,
    VALUES,
    MICROS,
    MICROSECONDS
  }
}

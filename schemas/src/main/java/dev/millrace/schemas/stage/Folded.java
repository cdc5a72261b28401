package dev.millrace.schemas.stage;

import dev.millrace.core.Violation;
import java.util.List;

/**
 * What became of a clean event under one feature set: a vector, or a quarantine record if it
 * provoked a fault.
 *
 * @param violations why it is quarantined; none for a vector
 */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
public record Folded(byte[] message, List<Violation> violations) {

  public boolean isVector() {
    return violations.isEmpty();
  }
}

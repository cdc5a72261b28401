package dev.millrace.schemas.stage;

import dev.millrace.core.Violation;
import java.util.List;

/**
 * Where a raw event goes, and the message that goes there.
 *
 * @param flags what is odd about a clean event
 * @param forgotten ids that its user's ledger dropped for it at the bound
 * @param violations why it is quarantined
 */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
public record Sorted(
    Way way, byte[] message, List<String> flags, int forgotten, List<Violation> violations) {

  /** The three ways there are. */
  public enum Way {
    CLEAN,
    DUPLICATE,
    QUARANTINED
  }
}

package dev.millrace.schemas;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import org.jspecify.annotations.Nullable;

/** What an attribute may be called when a producer chooses its name. */
final class AttributeName {

  static final int MAX_LENGTH = 127;

  private AttributeName() {}

  /** Why the name can't be kept; null if it can. Does not repeat the name. */
  static @Nullable Violation refusal(String name) {
    if (name.length() > MAX_LENGTH) {
      return new Violation(
          Reason.TOO_LONG, null, "names an attribute by more than " + MAX_LENGTH + " characters");
    }
    if (!ValueReader.isWellFormed(name)) {
      return new Violation(Reason.WRONG_TYPE, null, "names an attribute by half a character");
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      return new Violation(Reason.WRONG_TYPE, null, "names an attribute by a control character");
    }
    return null;
  }
}

package dev.millrace.batch;

/** Why what was served and what was rebuilt are not the same. */
enum Difference {
  /** Bronze does not have the raw event, or one before it of the same user. */
  MISSING_INPUT,
  /** The payload of the raw event, or of one before it of the same user, is encrypted. */
  ERASED,
  /** Another declaration decided the event, or one before it of the same user. */
  SPEC_VERSION,
  /** The row that was served contradicts its own hash. */
  CORRUPT,
  /** None of these: the code decides otherwise than it did. */
  CODE
}

package dev.millrace.batch;

/** Why what was served and what was rebuilt are not the same. */
enum Difference {
  /** Bronze does not have the raw event, or one before it of the same user. */
  MISSING_INPUT,
  /** The raw event's payload is encrypted under a key, and can't be read without it. */
  ERASED,
  /** Another declaration decided. */
  SPEC_VERSION,
  /** The row that was served contradicts its own hash. */
  CORRUPT,
  /** None of these: the code decides otherwise than it did. */
  CODE
}

package dev.millrace.batch;

/** Why a vector would be another one, had each user's events come in the order of their times. */
enum Skewed {
  /** Its event came behind a later one of its user. */
  LATE,
  /** An event of its user's past came after it. */
  OUT_OF_ORDER,
  /** An event of its user came so late that it was refused, this one or one of its past. */
  HORIZON
}

package dev.millrace.core;

/** Why an event was quarantined. Published with it and used as a metric tag: add, never rename. */
public enum Reason {
  /** A null or zero-length value. */
  EMPTY_PAYLOAD,
  PAYLOAD_TOO_LARGE,
  /** A content type that no parser knows, or none that could be guessed. */
  UNKNOWN_CONTENT_TYPE,
  /** No source mapping of that name was active at the event's activation offset. */
  UNKNOWN_SOURCE,
  /** No contract was active at the event's activation offset. */
  UNKNOWN_CONTRACT,
  JSON_MALFORMED,
  CSV_MALFORMED,
  AVRO_MALFORMED,
  /** The registry knows no schema of that id. */
  AVRO_UNKNOWN_SCHEMA,
  MISSING_FIELD,
  WRONG_TYPE,
  OUT_OF_RANGE,
  TOO_SHORT,
  TOO_LONG,
  PATTERN_MISMATCH,
  /** None of the values that the contract lists. */
  NOT_ALLOWED,
  INVALID_EMAIL,
  INVALID_PHONE,
  /** Neither a date nor a time of ISO 8601. */
  INVALID_DATE,
  /** Not in the reference set that the contract names. */
  UNKNOWN_REFERENCE,
  /** A check of the contract between fields does not hold. */
  CHECK_FAILED,
  /** The record key is not the user that the payload names. */
  KEY_MISMATCH,
  EVENT_TIME_IN_FUTURE,
  /** The event id was seen with other content. */
  EVENT_ID_CONFLICT,
  /** Too old to be told from a duplicate. */
  BEYOND_HORIZON,
  /** A model was activated that can't be used: damaged, or made for other features. */
  MODEL_INVALID,
  /** A model that gave no number, or none between 0 and 1. */
  MODEL_OUTPUT,
  /** A fault of ours that this event provoked. */
  CODE_FAILURE
}

package dev.millrace.cleansing;

/** Where a raw event goes, and the message that goes there. */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
record Sorted(Way way, byte[] message) {

  enum Way {
    CLEAN,
    DUPLICATE,
    QUARANTINED
  }
}

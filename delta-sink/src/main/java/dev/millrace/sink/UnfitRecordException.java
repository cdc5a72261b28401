package dev.millrace.sink;

/**
 * No row can be made of the record, ever. The message says why, for people, and holds no value of
 * the record.
 */
final class UnfitRecordException extends Exception {
  UnfitRecordException(String message) {
    super(message);
  }
}

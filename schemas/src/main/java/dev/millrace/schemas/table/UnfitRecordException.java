package dev.millrace.schemas.table;

/**
 * No row can be made of the record, ever. The message says why, for people, and holds no value of
 * the record.
 */
public final class UnfitRecordException extends Exception {
  public UnfitRecordException(String message) {
    super(message);
  }
}

package dev.millrace.ingest;

import java.io.IOException;

/** A file that can't be cut into records, and never will; the message says what is wrong. */
final class UnreadableFileException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadableFileException(String message) {
    super(message);
  }
}

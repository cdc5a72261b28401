package dev.millrace.batch;

import org.jspecify.annotations.Nullable;

/** A command cannot go on. The message says what is wrong, why, and what to do. */
final class BatchException extends RuntimeException {
  BatchException(String message) {
    super(message);
  }

  BatchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.millrace.batch;

import org.jspecify.annotations.Nullable;

/** A command cannot go on. The message says what is wrong, why, and what to do. */
public final class BatchException extends RuntimeException {
  public BatchException(String message) {
    super(message);
  }

  public BatchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.millrace.model;

import org.jspecify.annotations.Nullable;

/**
 * This machine can't run a model, or runs it differently from where it was activated. It says
 * nothing about the model and nothing about a row, since another machine might well score it: never
 * an outcome. Whoever hosts the model stops. The message says what, why and what to do.
 */
public final class ModelRuntimeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ModelRuntimeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.millrace.model;

/**
 * A model that must not be used. The message says what is wrong with it, why that matters and what
 * to do; whoever asked for the model keeps the one that is in use.
 */
public final class InvalidModelException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}

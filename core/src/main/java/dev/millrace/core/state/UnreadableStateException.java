package dev.millrace.core.state;

/**
 * A user's kept state is not what this release wrote: damaged, of a later format, or of another
 * feature set. No event's fault, so no outcome: whoever hosts the fold stops.
 */
public final class UnreadableStateException extends RuntimeException {

  public UnreadableStateException(String message) {
    super(message);
  }

  public UnreadableStateException(String message, Throwable cause) {
    super(message, cause);
  }
}

package dev.millrace.batch;

/**
 * An event was decided by an activation that the lake does not have. No outcome of the event: the
 * lake's tables do not belong together.
 */
final class UnknownActivationException extends RuntimeException {
  UnknownActivationException(long needed, long known) {
    super(
        "An event was decided by activation %d, and the lake's table of activations ends at %d. Wait until the sink has landed it, and try again."
            .formatted(needed, known));
  }
}

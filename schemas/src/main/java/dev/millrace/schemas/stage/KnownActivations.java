package dev.millrace.schemas.stage;

import dev.millrace.core.ActivationTimeline;

/** The activation log, as far as a host knows it. */
public interface KnownActivations {

  /** Offset of the last activation that is known; {@link ActivationTimeline#NONE} without one. */
  long lastKnown();

  /**
   * What is active, known at least up to the offset; a host that reads the log waits until it is.
   */
  ActivationTimeline knownAt(long offset);
}

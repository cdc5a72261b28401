package dev.millrace.features;

import dev.millrace.schemas.stage.Folded;
import org.jspecify.annotations.Nullable;

/**
 * A message and where it goes.
 *
 * @param topic of a vector; null for a quarantine record
 */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
record Outgoing(@Nullable String topic, byte[] message) {

  static Outgoing of(Folded folded, @Nullable String topic) {
    return new Outgoing(folded.isVector() ? topic : null, folded.message());
  }

  boolean isVector() {
    return topic != null;
  }
}

package dev.millrace.features;

import org.jspecify.annotations.Nullable;

/**
 * What became of a clean event under one feature set: a vector, or a quarantine record if it
 * provoked a fault.
 *
 * @param topic of the vector; null for a quarantine record
 */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
record Folded(@Nullable String topic, byte[] message) {

  static Folded vector(String topic, byte[] message) {
    return new Folded(topic, message);
  }

  static Folded quarantined(byte[] message) {
    return new Folded(null, message);
  }

  boolean isVector() {
    return topic != null;
  }
}

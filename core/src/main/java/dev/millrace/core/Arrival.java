package dev.millrace.core;

import java.time.Instant;
import java.util.List;

/**
 * A raw event as it stands on the log, read by its source mapping.
 *
 * @param key the record key: the user as ingest computed it, or the payload's hash
 * @param receivedAt arrival time; data like any other, so a replay decides the same
 * @param activationOffset steers which artifacts decide
 * @param payloadHash of the untouched bytes, for an event id where the producer sent none
 */
public record Arrival(
    Origin origin,
    String key,
    String source,
    Instant receivedAt,
    long activationOffset,
    Digest128 payloadHash,
    Reading reading) {

  /** What the mapping made of the payload: its content, and all that could not be read. */
  public record Reading(EventContent content, List<Violation> violations) {

    public Reading {
      violations = List.copyOf(violations);
    }
  }
}

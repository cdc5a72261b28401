package dev.millrace.core;

import java.time.Instant;

/**
 * An event that passed the contract and is the first of its id.
 *
 * @param eventIdDerived the producer sent no id; ours is the hash of source and payload
 * @param late behind its user's watermark when it was accepted
 * @param content all fields, the three above included
 */
public record CleanEvent(
    String userId,
    String eventId,
    boolean eventIdDerived,
    Instant eventTime,
    Instant receivedAt,
    boolean late,
    Origin origin,
    String source,
    long activationOffset,
    EventContent content) {

  /** What happened; the contract requires it. */
  public String eventType() {
    return String.valueOf(content.text(EventField.EVENT_TYPE));
  }
}

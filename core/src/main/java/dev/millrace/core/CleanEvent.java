package dev.millrace.core;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * An event that passed the contract and is the first of its id.
 *
 * @param eventIdDerived the producer sent no id; ours is the hash of source and payload
 * @param late behind its user's watermark when it was accepted
 * @param content all fields, the three above included, as the contract normalised them
 * @param flags what is odd about it, each as field and flag
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
    EventContent content,
    List<String> flags) {

  public CleanEvent {
    flags = List.copyOf(flags);
  }

  /** The day on which it arrived, UTC. */
  public LocalDate processingDate() {
    return receivedAt.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  /** What happened; the contract requires it. */
  public String eventType() {
    return String.valueOf(content.text(EventField.EVENT_TYPE));
  }
}

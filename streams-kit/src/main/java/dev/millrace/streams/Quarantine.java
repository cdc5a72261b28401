package dev.millrace.streams;

import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.Fault;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** Writes one stage's quarantine records and counts their reasons. */
public final class Quarantine {

  private final String stage;
  private final MessageCodec<QuarantinedEventMessage> codec;
  private final ReasonCounters reasons;

  /**
   * Registers the record's schema.
   *
   * @param stage as records and metrics name it
   */
  public Quarantine(String stage, SchemaRegistry registry, MeterRegistry metrics) {
    this.stage = stage;
    this.codec = MessageCodec.registered(registry, Topics.QUARANTINED);
    this.reasons = new ReasonCounters(stage, metrics);
  }

  /** A record with its reasons; the caller adds what else it knows. */
  public QuarantinedEventMessage.Builder record(
      Origin origin, byte[] payload, List<Violation> violations) {
    return Messages.quarantined(stage, origin, payload, violations);
  }

  /** The same for a fault of ours. */
  public QuarantinedEventMessage.Builder record(Origin origin, byte[] payload, Fault fault) {
    return record(origin, payload, List.of(fault.violation())).setException(fault.exception());
  }

  /** The record's bytes; counted here, so each record is encoded once. */
  public byte[] encode(QuarantinedEventMessage.Builder builder) {
    QuarantinedEventMessage message = builder.build();
    message
        .getViolations()
        .forEach(violation -> reasons.count(Reason.valueOf(violation.getRule())));
    return codec.encode(message);
  }
}

package dev.millrace.schemas.stage;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;

/** How the messages are written that come out of cleansing. */
public record CleansingMessages(
    MessageCodec<CleanEventMessage> clean,
    MessageCodec<DuplicateEventMessage> duplicate,
    MessageCodec<QuarantinedEventMessage> quarantined) {

  /** For their topics, whose schemas are registered. */
  public static CleansingMessages registered(SchemaRegistry registry) {
    return new CleansingMessages(
        MessageCodec.registered(registry, Topics.CLEAN),
        MessageCodec.registered(registry, Topics.DUPLICATES),
        MessageCodec.registered(registry, Topics.QUARANTINED));
  }

  /** For a host without a registry. */
  public static CleansingMessages unregistered() {
    return new CleansingMessages(
        MessageCodec.unregistered(Topics.CLEAN),
        MessageCodec.unregistered(Topics.DUPLICATES),
        MessageCodec.unregistered(Topics.QUARANTINED));
  }
}

package dev.millrace.cleansing;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;

/** The messages that go in and out. */
record CleansingMessages(
    MessageCodec<RawEventMessage> raw,
    MessageCodec<CleanEventMessage> clean,
    MessageCodec<DuplicateEventMessage> duplicate,
    MessageCodec<QuarantinedEventMessage> quarantined) {

  static CleansingMessages registered(SchemaRegistry registry) {
    return new CleansingMessages(
        MessageCodec.registered(registry, Topics.RAW),
        MessageCodec.registered(registry, Topics.CLEAN),
        MessageCodec.registered(registry, Topics.DUPLICATES),
        MessageCodec.registered(registry, Topics.QUARANTINED));
  }
}

package dev.millrace.cleansing;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;

/** The messages that go in, and those of good events that go out. */
record CleansingMessages(
    MessageCodec<RawEventMessage> raw,
    MessageCodec<CleanEventMessage> clean,
    MessageCodec<DuplicateEventMessage> duplicate) {

  static CleansingMessages registered(SchemaRegistry registry) {
    return new CleansingMessages(
        MessageCodec.registered(registry, Topics.RAW),
        MessageCodec.registered(registry, Topics.CLEAN),
        MessageCodec.registered(registry, Topics.DUPLICATES));
  }
}

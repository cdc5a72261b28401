package dev.millrace.features;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;

/** The messages that go in, and those of good events that go out. */
record FeaturesMessages(
    MessageCodec<CleanEventMessage> clean, MessageCodec<FeatureVectorMessage> vector) {

  static FeaturesMessages registered(SchemaRegistry registry) {
    return new FeaturesMessages(
        MessageCodec.registered(registry, Topics.CLEAN),
        MessageCodec.registered(registry, Topics.FEATURES));
  }
}

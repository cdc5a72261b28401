package dev.millrace.scoring;

import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;

/** The messages that go in and out. */
record ScoringMessages(
    MessageCodec<FeatureVectorMessage> vector,
    MessageCodec<ScoreMessage> score,
    MessageCodec<QuarantinedEventMessage> quarantined) {

  static ScoringMessages registered(SchemaRegistry registry) {
    return new ScoringMessages(
        MessageCodec.registered(registry, Topics.FEATURES),
        MessageCodec.registered(registry, Topics.SCORES),
        MessageCodec.registered(registry, Topics.QUARANTINED));
  }
}

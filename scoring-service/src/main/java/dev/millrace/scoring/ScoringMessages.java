package dev.millrace.scoring;

import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;

/** The messages that go in, and those of good vectors that go out. */
record ScoringMessages(
    MessageCodec<FeatureVectorMessage> vector, MessageCodec<ScoreMessage> score) {

  static ScoringMessages registered(SchemaRegistry registry) {
    return new ScoringMessages(
        MessageCodec.registered(registry, Topics.FEATURES),
        MessageCodec.registered(registry, Topics.SCORES));
  }
}

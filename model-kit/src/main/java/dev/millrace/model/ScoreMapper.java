package dev.millrace.model;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureVector;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.Messages;
import java.util.ArrayList;

/** Scores to messages; decides nothing. */
public final class ScoreMapper {

  private ScoreMapper() {}

  /** All that is needed to say the score again. */
  public static ScoreMessage message(
      FeatureVector vector, Activation by, ActivatedModel.Outcome.Scored scored) {
    return ScoreMessage.newBuilder()
        .setUserId(vector.userId())
        .setEventId(vector.eventId())
        .setEventTime(vector.asOf())
        .setReceivedAt(vector.receivedAt())
        .setScore(scored.score().score())
        .setDecision(scored.score().decision())
        .setThreshold(scored.card().threshold())
        .setModel(by.name())
        .setModelVersion(by.version())
        .setModelRunId(scored.card().runId())
        .setModelSha256(by.sha256())
        .setGitCommit(scored.card().gitCommit())
        .setShadow(!by.role().equals(Activation.CHAMPION))
        .setFeatureSet(vector.featureSet())
        .setFeatureSetVersion(vector.featureSetVersion())
        .setFeatureSetSha256(vector.featureSetSha256())
        .setVectorSha256(vector.sha256())
        .setVector(new ArrayList<>(vector.values()))
        .setMargin(scored.explanation().margin())
        .setContributions(scored.explanation().contributions())
        .setOrigin(Messages.origin(vector.origin()))
        .setActivationOffset(vector.activationOffset())
        .build();
  }
}

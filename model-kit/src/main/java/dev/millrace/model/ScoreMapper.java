package dev.millrace.model;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureVector;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.Messages;

/** Scores to messages; decides nothing. */
public final class ScoreMapper {

  private ScoreMapper() {}

  /** All that is needed to say the score again. */
  public static ScoreMessage message(
      FeatureVector vector, Activation by, ActivatedModel.Outcome.Scored scored) {
    ScoreMessage message = new ScoreMessage();
    message.setUserId(vector.userId());
    message.setEventId(vector.eventId());
    message.setEventTime(vector.asOf());
    message.setReceivedAt(vector.receivedAt());
    message.setScore(scored.score().score());
    message.setDecision(scored.score().decision());
    message.setThreshold(scored.card().threshold());
    message.setModel(by.name());
    message.setModelVersion(by.version());
    message.setModelRunId(scored.card().runId());
    message.setModelSha256(by.sha256());
    message.setGitCommit(scored.card().gitCommit());
    message.setShadow(!by.role().equals(Activation.CHAMPION));
    message.setFeatureSet(vector.featureSet());
    message.setFeatureSetVersion(vector.featureSetVersion());
    message.setFeatureSetSha256(vector.featureSetSha256());
    message.setVectorSha256(vector.sha256());
    message.setVector(vector.values());
    message.setMargin(scored.explanation().margin());
    message.setContributions(scored.explanation().contributions());
    message.setOrigin(Messages.origin(vector.origin()));
    message.setActivationOffset(vector.activationOffset());
    return message;
  }
}

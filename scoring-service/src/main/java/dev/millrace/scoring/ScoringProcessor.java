package dev.millrace.scoring;

import dev.millrace.core.Activation;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Score;
import dev.millrace.core.Violation;
import dev.millrace.model.Evaluation;
import dev.millrace.model.ModelCard;
import dev.millrace.model.ModelOutputException;
import dev.millrace.model.OnnxModel;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.Messages;
import dev.millrace.streams.Decision;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/** Scores each vector with every model that is active for it. */
final class ScoringProcessor implements FixedKeyProcessor<String, byte[], Scored> {

  private static final String INTERCEPT = "(intercept)";

  private final ActiveModels models;
  private final ScoringMessages messages;
  private final Quarantine quarantine;
  private final TopicIds topicIds;
  private final MeterRegistry metrics;
  private @Nullable FixedKeyProcessorContext<String, Scored> context;

  ScoringProcessor(
      ActiveModels models,
      ScoringMessages messages,
      Quarantine quarantine,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.models = models;
    this.messages = messages;
    this.quarantine = quarantine;
    this.topicIds = topicIds;
    this.metrics = metrics;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Scored> context) {
    this.context = context;
  }

  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    FixedKeyProcessorContext<String, Scored> out = Objects.requireNonNull(context);
    Origin place = topicIds.origin(out.recordMetadata().orElseThrow());
    byte[] value = record.value() == null ? new byte[0] : record.value();
    for (Scored scored : score(place, value)) {
      metrics
          .counter("millrace.vectors.scored", "outcome", scored.isScore() ? "SCORE" : "QUARANTINED")
          .increment();
      out.forward(record.withValue(scored));
    }
  }

  private List<Scored> score(Origin place, byte[] value) {
    Decoded<FeatureVectorMessage> decoded = messages.vector().decode(value);
    FeatureVectorMessage message = decoded.message();
    if (message == null) {
      Violation violation = Objects.requireNonNull(decoded.violation());
      return List.of(quarantined(quarantine.record(place, value, List.of(violation))));
    }
    return Decision.make(
        () -> score(message, value), fault -> List.of(quarantined(faulty(message, value, fault))));
  }

  private List<Scored> score(FeatureVectorMessage message, byte[] value) {
    FeatureVector vector = Messages.vector(message);
    List<Scored> scored = new ArrayList<>();
    for (LoadedModel model : models.at(vector.activationOffset())) {
      if (model.isFor(vector)) {
        scored.add(
            Decision.make(
                () -> score(message, vector, value, model),
                fault -> quarantined(by(model, faulty(message, value, fault)))));
      }
    }
    return scored;
  }

  private Scored score(
      FeatureVectorMessage message, FeatureVector vector, byte[] value, LoadedModel loaded) {
    OnnxModel model = loaded.model();
    if (model == null) {
      return quarantined(
          refused(
              message,
              value,
              loaded,
              new Violation(
                  Reason.MODEL_INVALID,
                  null,
                  "model %s can't be used: %s"
                      .formatted(loaded.activation().key(), loaded.problem()))));
    }
    try {
      Evaluation evaluation = loaded.evaluate(model, vector);
      return new Scored(
          true, messages.score().encode(scoreOf(vector, loaded, model.card(), evaluation)));
    } catch (ModelOutputException e) {
      return quarantined(
          refused(
              message,
              value,
              loaded,
              new Violation(Reason.MODEL_OUTPUT, null, String.valueOf(e.getMessage()))));
    }
  }

  private static ScoreMessage scoreOf(
      FeatureVector vector, LoadedModel loaded, ModelCard card, Evaluation evaluation) {
    Score score = Score.of(evaluation.probability(), card.threshold());
    Double margin = evaluation.margin();
    return ScoreMessage.newBuilder()
        .setUserId(vector.userId())
        .setEventId(vector.eventId())
        .setEventTime(vector.asOf())
        .setReceivedAt(vector.receivedAt())
        .setScore(score.score())
        .setDecision(score.decision())
        .setThreshold(card.threshold())
        .setModel(loaded.activation().name())
        .setModelVersion(loaded.activation().version())
        .setModelRunId(card.runId())
        .setModelSha256(loaded.activation().sha256())
        .setGitCommit(card.gitCommit())
        .setShadow(!loaded.activation().role().equals(Activation.CHAMPION))
        .setFeatureSet(vector.featureSet())
        .setFeatureSetVersion(vector.featureSetVersion())
        .setFeatureSetSha256(vector.featureSetSha256())
        .setVectorSha256(vector.sha256())
        .setVector(new ArrayList<>(vector.values()))
        .setMargin(margin == null ? null : Score.round(margin))
        .setContributions(contributions(card, evaluation))
        .setOrigin(Messages.origin(vector.origin()))
        .setActivationOffset(vector.activationOffset())
        .build();
  }

  /** What the columns leave of the margin is the intercept, so that as published they add up. */
  private static Map<String, Double> contributions(ModelCard card, Evaluation evaluation) {
    Map<String, Double> contributions = new TreeMap<>();
    Double margin = evaluation.margin();
    if (margin == null || evaluation.contributions().length == 0) {
      return contributions;
    }
    BigDecimal intercept = BigDecimal.valueOf(Score.round(margin));
    for (int i = 0; i < evaluation.contributions().length; i++) {
      double contribution = Score.round(evaluation.contributions()[i]);
      intercept = intercept.subtract(BigDecimal.valueOf(contribution));
      contributions.put(card.inputColumns().get(i), contribution);
    }
    contributions.put(INTERCEPT, intercept.doubleValue());
    return contributions;
  }

  private QuarantinedEventMessage.Builder refused(
      FeatureVectorMessage message, byte[] value, LoadedModel by, Violation violation) {
    return by(
        by,
        of(
            message,
            quarantine.record(Messages.origin(message.getOrigin()), value, List.of(violation))));
  }

  private static QuarantinedEventMessage.Builder by(
      LoadedModel model, QuarantinedEventMessage.Builder record) {
    return record
        .setModel(model.activation().name())
        .setModelVersion(model.activation().version())
        .setModelSha256(model.activation().sha256());
  }

  private QuarantinedEventMessage.Builder faulty(
      FeatureVectorMessage message, byte[] value, Decision.Fault fault) {
    return of(message, quarantine.record(Messages.origin(message.getOrigin()), value, fault));
  }

  private static QuarantinedEventMessage.Builder of(
      FeatureVectorMessage message, QuarantinedEventMessage.Builder record) {
    return record
        .setEventId(message.getEventId())
        .setEventTime(message.getAsOf())
        .setReceivedAt(message.getReceivedAt())
        .setFeatureSetSha256(message.getFeatureSetSha256())
        .setActivationOffset(message.getActivationOffset());
  }

  private Scored quarantined(QuarantinedEventMessage.Builder record) {
    return new Scored(false, quarantine.encode(record));
  }
}

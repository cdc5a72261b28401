package dev.millrace.scoring;

import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.model.ActivatedModel;
import dev.millrace.model.ActivatedModel.Outcome;
import dev.millrace.model.ModelRuntimeException;
import dev.millrace.model.ScoreMapper;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.stage.Fault;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.StreamsKit;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hands each vector to every model that is active for it, and the outcomes on; what they are is
 * decided in {@link ActivatedModel#score}.
 */
final class ScoringProcessor implements FixedKeyProcessor<String, byte[], Scored> {

  private static final String SCORED = "millrace.vectors.scored";

  private final ActiveModels models;
  private final ScoringMessages messages;
  private final Quarantine quarantine;
  private final TopicIds topicIds;
  private final Counter scores;
  private final Counter quarantinedVectors;
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
    this.scores = metrics.counter(SCORED, "outcome", "SCORE");
    this.quarantinedVectors = metrics.counter(SCORED, "outcome", "QUARANTINED");
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
      (scored.isScore() ? scores : quarantinedVectors).increment();
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
    return StreamsKit.GUARD.decide(
        () -> score(message, value), fault -> List.of(quarantined(faulty(message, value, fault))));
  }

  private List<Scored> score(FeatureVectorMessage message, byte[] value) {
    FeatureVector vector = Messages.vector(message);
    List<Scored> scored = new ArrayList<>();
    for (ActivatedModel model : orStop(() -> models.at(vector.activationOffset()))) {
      if (model.isFor(vector)) {
        scored.add(
            StreamsKit.GUARD.decide(
                () -> score(message, vector, value, model),
                fault -> quarantined(by(model, faulty(message, value, fault)))));
      }
    }
    return scored;
  }

  private Scored score(
      FeatureVectorMessage message, FeatureVector vector, byte[] value, ActivatedModel model) {
    Outcome outcome = orStop(() -> model.score(vector));
    if (outcome instanceof Outcome.Refused refused) {
      return quarantined(refused(message, value, model, refused.violation()));
    }
    Outcome.Scored scored = (Outcome.Scored) outcome;
    return new Scored(
        true, messages.score().encode(ScoreMapper.message(vector, model.activation(), scored)));
  }

  /** What this machine can't do must become no event's fault: it ends the stream thread. */
  private static <T> T orStop(Supplier<T> model) {
    try {
      return model.get();
    } catch (ModelRuntimeException e) {
      throw new StreamsException(e.getMessage(), e);
    }
  }

  private QuarantinedEventMessage.Builder refused(
      FeatureVectorMessage message, byte[] value, ActivatedModel by, Violation violation) {
    return by(
        by,
        of(
            message,
            quarantine.record(
                Messages.origin(message.getOrigin()),
                MessageCodec.content(value),
                List.of(violation))));
  }

  private static QuarantinedEventMessage.Builder by(
      ActivatedModel model, QuarantinedEventMessage.Builder record) {
    return record
        .setModel(model.activation().name())
        .setModelVersion(model.activation().version())
        .setModelSha256(model.activation().sha256());
  }

  private QuarantinedEventMessage.Builder faulty(
      FeatureVectorMessage message, byte[] value, Fault fault) {
    return of(
        message,
        quarantine.record(
            Messages.origin(message.getOrigin()), MessageCodec.content(value), fault));
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

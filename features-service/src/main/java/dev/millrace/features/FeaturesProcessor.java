package dev.millrace.features;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.Messages;
import dev.millrace.streams.Decision;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.TakenBack;
import dev.millrace.streams.TopicIds;
import dev.millrace.streams.UserStateStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/** Hosts {@link FeatureFold}: bytes in, the user's activity at hand, a vector out. */
final class FeaturesProcessor implements FixedKeyProcessor<String, byte[], Folded> {

  /** An event and what the fold takes of it. */
  private record Taken(CleanEvent event, FoldedEvent folded) {}

  /**
   * @param instead what becomes of an event of which nothing could be taken
   */
  private record Attempt(@Nullable Taken taken, @Nullable Folded instead) {}

  private final FeatureFold fold;
  private final FeaturesMessages messages;
  private final Quarantine quarantine;
  private final TakenBack takenBack;
  private final TopicIds topicIds;
  private final MeterRegistry metrics;
  private @Nullable FixedKeyProcessorContext<String, Folded> context;
  private @Nullable UserStateStore<UserActivity, FoldedEvent> store;

  FeaturesProcessor(
      FeatureFold fold,
      FeaturesMessages messages,
      Quarantine quarantine,
      TakenBack takenBack,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.fold = fold;
    this.messages = messages;
    this.quarantine = quarantine;
    this.takenBack = takenBack;
    this.topicIds = topicIds;
    this.metrics = metrics;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Folded> context) {
    this.context = context;
    UserStateStore<UserActivity, FoldedEvent> activities =
        context.getStateStore(FeaturesTopology.ACTIVITY_BY_USER);
    activities.serve();
    this.store = activities;
  }

  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    FixedKeyProcessorContext<String, Folded> out = Objects.requireNonNull(context);
    Origin place = topicIds.origin(out.recordMetadata().orElseThrow());
    byte[] value = record.value() == null ? new byte[0] : record.value();

    Decoded<CleanEventMessage> decoded = messages.clean().decode(value);
    CleanEventMessage message = decoded.message();
    Folded folded;
    if (message == null) {
      Violation violation = Objects.requireNonNull(decoded.violation());
      folded = quarantined(quarantine.record(place, value, List.of(violation)));
    } else {
      folded = fold(place, message, value);
    }
    metrics
        .counter("millrace.events.folded", "outcome", folded.isVector() ? "VECTOR" : "QUARANTINED")
        .increment();
    out.forward(record.withValue(folded));
  }

  private Folded fold(Origin place, CleanEventMessage message, byte[] value) {
    Decision.Fault before = takenBack.recall(place);
    if (before != null) {
      return quarantined(message, value, before);
    }
    Attempt attempt =
        Decision.make(
            () -> {
              CleanEvent event = Messages.clean(message);
              return new Attempt(new Taken(event, fold.take(event)), null);
            },
            fault -> new Attempt(null, quarantined(message, value, fault)));
    Taken taken = attempt.taken();
    return taken == null
        ? Objects.requireNonNull(attempt.instead())
        : Decision.make(
            () -> vector(taken),
            fault -> {
              throw takenBack.takeBack(place, fault);
            });
  }

  private Folded vector(Taken taken) {
    UserStateStore<UserActivity, FoldedEvent> activities = Objects.requireNonNull(store);
    String user = taken.event().userId();
    activities.apply(user, taken.folded());
    return new Folded(
        true,
        messages
            .vector()
            .encode(
                Messages.vector(
                    fold.vector(activities.state(user), taken.event(), taken.folded()))));
  }

  private Folded quarantined(CleanEventMessage message, byte[] value, Decision.Fault fault) {
    return quarantined(
        quarantine
            .record(Messages.origin(message.getOrigin()), value, fault)
            .setEventId(message.getEventId())
            .setEventTime(message.getEventTime())
            .setReceivedAt(message.getReceivedAt())
            .setSource(message.getSource())
            .setFeatureSetSha256(fold.set().sha256())
            .setActivationOffset(message.getActivationOffset()));
  }

  private Folded quarantined(QuarantinedEventMessage.Builder record) {
    return new Folded(false, quarantine.encode(record));
  }
}

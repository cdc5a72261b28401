package dev.millrace.features;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.Messages;
import dev.millrace.streams.Decision;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.TakenBack;
import dev.millrace.streams.TopicIds;
import dev.millrace.streams.UserStateStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hosts {@link FeatureFold}, one for each feature set in force: bytes in, the user's activity at
 * hand, a vector of each set out.
 */
final class FeaturesProcessor implements FixedKeyProcessor<String, byte[], Folded> {

  private static final String FOLDED = "millrace.events.folded";

  /** A clean event; it is mapped once for all sets, and fails for each if it fails. */
  private static final class Arrived {
    final Origin place;
    final CleanEventMessage message;
    final byte[] bytes;
    private @Nullable CleanEvent event;

    Arrived(Origin place, CleanEventMessage message, byte[] bytes) {
      this.place = place;
      this.message = message;
      this.bytes = bytes;
    }

    CleanEvent event() {
      if (event == null) {
        event = Messages.clean(message);
      }
      return event;
    }
  }

  /** What the fold takes of an event. */
  private record Taken(FeatureFold fold, FoldedEvent event) {}

  /**
   * @param instead what becomes of an event of which nothing could be taken
   */
  private record Attempt(@Nullable Taken taken, @Nullable Folded instead) {}

  private final FoldedSets sets;
  private final MessageCodec<CleanEventMessage> clean;
  private final Quarantine quarantine;
  private final TakenBack takenBack;
  private final TopicIds topicIds;
  private final Counter vectors;
  private final Counter quarantinedEvents;
  private @Nullable FixedKeyProcessorContext<String, Folded> context;
  private @Nullable UserStateStore<UserActivity, FoldedEvent> store;

  FeaturesProcessor(
      FoldedSets sets,
      MessageCodec<CleanEventMessage> clean,
      Quarantine quarantine,
      TakenBack takenBack,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.sets = sets;
    this.clean = clean;
    this.quarantine = quarantine;
    this.takenBack = takenBack;
    this.topicIds = topicIds;
    this.vectors = metrics.counter(FOLDED, "outcome", "VECTOR");
    this.quarantinedEvents = metrics.counter(FOLDED, "outcome", "QUARANTINED");
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

    Decoded<CleanEventMessage> decoded = clean.decode(value);
    CleanEventMessage message = decoded.message();
    if (message == null) {
      Violation violation = Objects.requireNonNull(decoded.violation());
      forward(record, quarantined(quarantine.record(place, value, List.of(violation))));
      return;
    }
    Arrived arrived = new Arrived(place, message, value);
    for (ActiveFeatureSet set : sets.active(message.getActivationOffset())) {
      forward(record, fold(set, arrived));
    }
  }

  private void forward(FixedKeyRecord<String, byte[]> record, Folded folded) {
    (folded.isVector() ? vectors : quarantinedEvents).increment();
    Objects.requireNonNull(context).forward(record.withValue(folded));
  }

  private Folded fold(ActiveFeatureSet set, Arrived arrived) {
    Decision.Fault before = takenBack.recall(arrived.place, set.number());
    if (before != null) {
      return quarantined(set, arrived, before);
    }
    FoldedSets.Output output = sets.output(set);
    Attempt attempt =
        Decision.make(
            () -> {
              FeatureFold fold = sets.fold(set);
              return new Attempt(new Taken(fold, fold.take(arrived.event())), null);
            },
            fault -> new Attempt(null, quarantined(set, arrived, fault)));
    Taken taken = attempt.taken();
    return taken == null
        ? Objects.requireNonNull(attempt.instead())
        : Decision.make(
            () -> vector(set.number(), taken, arrived.event(), output),
            fault -> {
              throw takenBack.takeBack(arrived.place, set.number(), fault);
            });
  }

  private Folded vector(long number, Taken taken, CleanEvent event, FoldedSets.Output output) {
    UserStateStore<UserActivity, FoldedEvent> activities = Objects.requireNonNull(store);
    activities.apply(number, event.userId(), taken.event());
    FeatureVector vector =
        taken.fold().vector(activities.state(number, event.userId()), event, taken.event());
    return Folded.vector(output.topic(), output.codec().encode(Messages.vector(vector)));
  }

  private Folded quarantined(ActiveFeatureSet set, Arrived arrived, Decision.Fault fault) {
    CleanEventMessage message = arrived.message;
    return quarantined(
        quarantine
            .record(Messages.origin(message.getOrigin()), arrived.bytes, fault)
            .setEventId(message.getEventId())
            .setEventTime(message.getEventTime())
            .setReceivedAt(message.getReceivedAt())
            .setSource(message.getSource())
            .setFeatureSetSha256(set.activation().sha256())
            .setActivationOffset(message.getActivationOffset()));
  }

  private Folded quarantined(QuarantinedEventMessage.Builder record) {
    return Folded.quarantined(quarantine.encode(record));
  }
}

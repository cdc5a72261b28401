package dev.millrace.features;

import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.stage.FeaturesStage;
import dev.millrace.schemas.stage.FeaturesStage.Arrived;
import dev.millrace.schemas.stage.Folded;
import dev.millrace.schemas.stage.StateHost;
import dev.millrace.streams.ReasonCounters;
import dev.millrace.streams.TakenBack;
import dev.millrace.streams.TopicIds;
import dev.millrace.streams.UserStateStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hosts {@link FeatureFold}, one for each feature set in force: bytes in, the user's activity at
 * hand, a vector of each set out.
 */
final class FeaturesProcessor implements FixedKeyProcessor<String, byte[], Outgoing> {

  private static final String FOLDED = "millrace.events.folded";

  private final FoldedSets sets;
  private final MessageCodec<CleanEventMessage> clean;
  private final FeaturesStage stage;
  private final TakenBack takenBack;
  private final TopicIds topicIds;
  private final ReasonCounters reasons;
  private final Counter vectors;
  private final Counter quarantinedEvents;
  private @Nullable FixedKeyProcessorContext<String, Outgoing> context;
  private @Nullable StateHost<UserActivity, FoldedEvent> activities;

  FeaturesProcessor(
      FoldedSets sets,
      MessageCodec<CleanEventMessage> clean,
      FeaturesStage stage,
      TakenBack takenBack,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.sets = sets;
    this.clean = clean;
    this.stage = stage;
    this.takenBack = takenBack;
    this.topicIds = topicIds;
    this.reasons = new ReasonCounters(FeaturesStage.NAME, metrics);
    this.vectors = metrics.counter(FOLDED, "outcome", "VECTOR");
    this.quarantinedEvents = metrics.counter(FOLDED, "outcome", "QUARANTINED");
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Outgoing> context) {
    this.context = context;
    UserStateStore<UserActivity, FoldedEvent> store =
        context.getStateStore(FeaturesTopology.ACTIVITY_BY_USER);
    store.serve();
    this.activities = takenBack.states(store);
  }

  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    FixedKeyProcessorContext<String, Outgoing> out = Objects.requireNonNull(context);
    Origin place = topicIds.origin(out.recordMetadata().orElseThrow());
    byte[] value = record.value() == null ? new byte[0] : record.value();

    Decoded<CleanEventMessage> decoded = clean.decode(value);
    CleanEventMessage message = decoded.message();
    if (message == null) {
      forward(
          record,
          stage.unreadable(place, value, Objects.requireNonNull(decoded.violation())),
          null);
      return;
    }
    Arrived arrived = new Arrived(place, message, value);
    for (ActiveFeatureSet set : sets.active(message.getActivationOffset())) {
      FoldedSets.Output output = sets.output(set);
      Folded folded =
          stage.fold(
              set,
              () -> sets.fold(set),
              output.codec(),
              arrived,
              Objects.requireNonNull(activities));
      forward(record, folded, output.topic());
    }
  }

  private void forward(
      FixedKeyRecord<String, byte[]> record, Folded folded, @Nullable String topic) {
    (folded.isVector() ? vectors : quarantinedEvents).increment();
    reasons.count(folded.violations());
    Objects.requireNonNull(context).forward(record.withValue(Outgoing.of(folded, topic)));
  }
}

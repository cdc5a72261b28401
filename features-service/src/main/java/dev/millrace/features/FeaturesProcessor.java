package dev.millrace.features;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.FeatureFold;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.UserActivity;
import dev.millrace.core.Violation;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.Messages;
import dev.millrace.streams.Decision;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Hosts {@link FeatureFold}: bytes in, the user's activity at hand, a vector out. */
final class FeaturesProcessor implements FixedKeyProcessor<String, byte[], Folded> {

  /** A message, and the activity to keep when it goes out. */
  @SuppressWarnings("ArrayRecordComponent") // carried on, never compared
  private record Verdict(Folded folded, byte @Nullable [] activity) {}

  private final FeatureFold fold;
  private final FeaturesMessages messages;
  private final Quarantine quarantine;
  private final TopicIds topicIds;
  private final MeterRegistry metrics;
  private @Nullable FixedKeyProcessorContext<String, Folded> context;
  private @Nullable KeyValueStore<String, byte[]> store;

  FeaturesProcessor(
      FeatureFold fold,
      FeaturesMessages messages,
      Quarantine quarantine,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.fold = fold;
    this.messages = messages;
    this.quarantine = quarantine;
    this.topicIds = topicIds;
    this.metrics = metrics;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Folded> context) {
    this.context = context;
    this.store = context.getStateStore(FeaturesTopology.ACTIVITY_BY_USER);
  }

  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    FixedKeyProcessorContext<String, Folded> out = Objects.requireNonNull(context);
    KeyValueStore<String, byte[]> activities = Objects.requireNonNull(store);
    Origin place = topicIds.origin(out.recordMetadata().orElseThrow());
    byte[] value = record.value() == null ? new byte[0] : record.value();

    Decoded<CleanEventMessage> decoded = messages.clean().decode(value);
    CleanEventMessage message = decoded.message();
    Verdict verdict;
    if (message == null) {
      Violation violation = Objects.requireNonNull(decoded.violation());
      verdict = quarantined(quarantine.record(place, value, List.of(violation)));
    } else {
      byte[] kept = activities.get(message.getUserId());
      verdict =
          Decision.make(
              () -> fold(Messages.clean(message), kept),
              fault -> quarantined(message, value, fault));
      if (verdict.activity() != null) {
        activities.put(message.getUserId(), verdict.activity());
      }
    }
    metrics
        .counter(
            "millrace.events.folded",
            "outcome",
            verdict.folded().isVector() ? "VECTOR" : "QUARANTINED")
        .increment();
    out.forward(record.withValue(verdict.folded()));
  }

  private Verdict fold(CleanEvent event, byte @Nullable [] kept) {
    UserActivity activity = kept == null ? fold.start() : fold.read(kept);
    FeatureVector vector = fold.fold(activity, event);
    return new Verdict(
        new Folded(true, messages.vector().encode(Messages.vector(vector))), fold.write(activity));
  }

  private Verdict quarantined(CleanEventMessage message, byte[] value, Decision.Fault fault) {
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

  private Verdict quarantined(QuarantinedEventMessage.Builder record) {
    return new Verdict(new Folded(false, quarantine.encode(record)), null);
  }
}

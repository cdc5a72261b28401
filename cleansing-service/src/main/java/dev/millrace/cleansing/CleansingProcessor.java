package dev.millrace.cleansing;

import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Flag;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.stage.Sorted;
import dev.millrace.schemas.stage.Sorted.Way;
import dev.millrace.schemas.stage.StateHost;
import dev.millrace.streams.ReasonCounters;
import dev.millrace.streams.TakenBack;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/** Hosts {@link Cleansing}: bytes in, the ledger's store at hand, a message out. */
final class CleansingProcessor implements FixedKeyProcessor<String, byte[], Sorted> {

  private final MessageCodec<RawEventMessage> raw;
  private final CleansingStage stage;
  private final TakenBack takenBack;
  private final TopicIds topicIds;
  private final ReasonCounters reasons;
  private final MeterRegistry metrics;
  private final Map<Way, Counter> sorted = new EnumMap<>(Way.class);
  private @Nullable FixedKeyProcessorContext<String, Sorted> context;
  private @Nullable StateHost<UserLedger, UserLedger.Change> ledgers;

  CleansingProcessor(
      MessageCodec<RawEventMessage> raw,
      CleansingStage stage,
      TakenBack takenBack,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.raw = raw;
    this.stage = stage;
    this.takenBack = takenBack;
    this.topicIds = topicIds;
    this.reasons = new ReasonCounters(CleansingStage.NAME, metrics);
    this.metrics = metrics;
    for (Way way : Way.values()) {
      sorted.put(way, metrics.counter("millrace.events.sorted", "outcome", way.name()));
    }
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Sorted> context) {
    this.context = context;
    this.ledgers = takenBack.states(context.getStateStore(CleansingTopology.LEDGER_BY_USER));
  }

  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    FixedKeyProcessorContext<String, Sorted> out = Objects.requireNonNull(context);
    Origin origin = topicIds.origin(out.recordMetadata().orElseThrow());
    String key = record.key() == null ? "" : record.key();
    byte[] value = record.value() == null ? new byte[0] : record.value();

    Decoded<RawEventMessage> decoded = raw.decode(value);
    RawEventMessage message = decoded.message();
    Sorted event =
        message == null
            ? stage.unreadable(origin, value, Objects.requireNonNull(decoded.violation()))
            : stage.sort(origin, key, message, Objects.requireNonNull(ledgers));
    count(event);
    // A producer's headers end here: nobody reads them, and they may hold anything.
    out.forward(record.withValue(event).withHeaders(new RecordHeaders()));
  }

  private void count(Sorted event) {
    Objects.requireNonNull(sorted.get(event.way())).increment();
    reasons.count(event.violations());
    for (String flag : event.flags()) {
      metrics.counter("millrace.events.flagged", "flag", Flag.in(flag).name()).increment();
    }
    if (event.forgotten() > 0) {
      metrics.counter("millrace.ledger.forgotten").increment(event.forgotten());
    }
  }
}

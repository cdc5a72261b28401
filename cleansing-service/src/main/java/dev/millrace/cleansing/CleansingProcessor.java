package dev.millrace.cleansing;

import dev.millrace.cleansing.Sorted.Way;
import dev.millrace.core.Arrival;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Flag;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.streams.ActiveContracts;
import dev.millrace.streams.ActiveSources;
import dev.millrace.streams.Decision;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.TakenBack;
import dev.millrace.streams.TopicIds;
import dev.millrace.streams.UserStateStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.Nullable;

/** Hosts {@link Cleansing}: bytes in, the ledger's store at hand, a message out. */
final class CleansingProcessor implements FixedKeyProcessor<String, byte[], Sorted> {

  private static final List<Violation> NO_CONTRACT =
      List.of(
          new Violation(
              Reason.UNKNOWN_CONTRACT,
              null,
              "no contract is active; activate one and send it again"));

  /** A message, and what to remember when it goes out. */
  private record Verdict(
      Sorted sorted, UserLedger.@Nullable Change change, int forgotten, List<String> flags) {}

  private final ActiveContracts contracts;
  private final EventReader reader = new EventReader();
  private final ActiveSources sources;
  private final PayloadSchemas payloadSchemas;
  private final CleansingMessages messages;
  private final Quarantine quarantine;
  private final TakenBack takenBack;
  private final TopicIds topicIds;
  private final MeterRegistry metrics;
  private final Map<Way, Counter> sorted = new EnumMap<>(Way.class);
  private @Nullable FixedKeyProcessorContext<String, Sorted> context;
  private @Nullable UserStateStore<UserLedger, UserLedger.Change> store;

  CleansingProcessor(
      ActiveContracts contracts,
      ActiveSources sources,
      PayloadSchemas payloadSchemas,
      CleansingMessages messages,
      Quarantine quarantine,
      TakenBack takenBack,
      TopicIds topicIds,
      MeterRegistry metrics) {
    this.contracts = contracts;
    this.sources = sources;
    this.payloadSchemas = payloadSchemas;
    this.messages = messages;
    this.quarantine = quarantine;
    this.takenBack = takenBack;
    this.topicIds = topicIds;
    this.metrics = metrics;
    for (Way way : Way.values()) {
      sorted.put(way, metrics.counter("millrace.events.sorted", "outcome", way.name()));
    }
  }

  @Override
  public void init(FixedKeyProcessorContext<String, Sorted> context) {
    this.context = context;
    this.store = context.getStateStore(CleansingTopology.LEDGER_BY_USER);
  }

  @Override
  public void process(FixedKeyRecord<String, byte[]> record) {
    FixedKeyProcessorContext<String, Sorted> out = Objects.requireNonNull(context);
    Origin origin = topicIds.origin(out.recordMetadata().orElseThrow());
    String key = record.key() == null ? "" : record.key();
    byte[] value = record.value() == null ? new byte[0] : record.value();

    Decoded<RawEventMessage> decoded = messages.raw().decode(value);
    RawEventMessage raw = decoded.message();
    Verdict verdict;
    if (raw == null) {
      Violation violation = Objects.requireNonNull(decoded.violation());
      verdict = quarantined(quarantine.record(origin, value, List.of(violation)));
    } else {
      verdict = decide(origin, key, raw);
    }
    count(verdict);
    // A producer's headers end here: nobody reads them, and they may hold anything.
    out.forward(record.withValue(verdict.sorted()).withHeaders(new RecordHeaders()));
  }

  private Verdict decide(Origin origin, String key, RawEventMessage raw) {
    UserStateStore<UserLedger, UserLedger.Change> ledgers = Objects.requireNonNull(store);
    byte[] payload = Messages.payload(raw);
    Function<Decision.Fault, Verdict> otherwise =
        fault -> quarantined(of(raw, quarantine.record(origin, payload, fault)));
    Decision.Fault before = takenBack.recall(origin);
    if (before != null) {
      return otherwise.apply(before);
    }
    Verdict verdict =
        Decision.make(() -> decide(origin, key, raw, payload, ledgers.state(key)), otherwise);
    UserLedger.Change change = verdict.change();
    return change == null
        ? verdict
        : Decision.make(
            () -> {
              ledgers.apply(key, change);
              return verdict;
            },
            fault -> {
              throw takenBack.takeBack(origin, fault);
            });
  }

  private Verdict decide(
      Origin origin, String key, RawEventMessage raw, byte[] payload, UserLedger ledger) {
    @Nullable Cleansing cleansing = contracts.find(raw.getActivationOffset());
    if (cleansing == null) {
      return quarantined(of(raw, quarantine.record(origin, payload, NO_CONTRACT)));
    }
    String contractSha256 = cleansing.contract().sha256();
    Map<String, String> lookups = cleansing.lookups();
    @Nullable SourceMapping mapping = sources.find(raw.getSource(), raw.getActivationOffset());
    Arrival.Reading reading =
        reader.read(
            payload,
            raw.getContentType(),
            mapping,
            payloadSchemas.find(raw.getPayloadSchemaSha256()));
    Arrival arrival = Messages.arrival(origin, key, raw, payload, reading);
    Outcome outcome = cleansing.clean(ledger, arrival);

    if (outcome instanceof Outcome.Rejected rejected) {
      return quarantined(
          of(raw, quarantine.record(origin, payload, rejected.violations()))
              .setEventId(rejected.eventId())
              .setEventTime(rejected.eventTime())
              .setFirstOrigin(rejected.first() == null ? null : Messages.origin(rejected.first()))
              .setMappingSha256(mapping == null ? null : mapping.sha256())
              .setContractSha256(contractSha256)
              .setLookups(lookups));
    }
    // Without a mapping every event is rejected, so here there is one.
    String mappingSha256 = Objects.requireNonNull(mapping).sha256();
    if (outcome instanceof Outcome.Duplicate duplicate) {
      return new Verdict(
          new Sorted(
              Way.DUPLICATE,
              messages
                  .duplicate()
                  .encode(
                      Messages.duplicate(
                          arrival, duplicate, mappingSha256, contractSha256, lookups))),
          null,
          0,
          List.of());
    }
    Outcome.Accepted accepted = (Outcome.Accepted) outcome;
    return new Verdict(
        new Sorted(
            Way.CLEAN,
            messages
                .clean()
                .encode(Messages.clean(accepted.event(), mappingSha256, contractSha256, lookups))),
        accepted.change(),
        accepted.forgotten(),
        accepted.event().flags());
  }

  private QuarantinedEventMessage.Builder of(
      RawEventMessage raw, QuarantinedEventMessage.Builder record) {
    return record
        .setReceivedAt(raw.getReceivedAt())
        .setSource(raw.getSource())
        .setIngestId(raw.getIngestId())
        .setFileName(raw.getFileName())
        .setFileSha256(raw.getFileSha256())
        .setFileLine(raw.getFileLine())
        .setActivationOffset(raw.getActivationOffset());
  }

  private Verdict quarantined(QuarantinedEventMessage.Builder record) {
    return new Verdict(new Sorted(Way.QUARANTINED, quarantine.encode(record)), null, 0, List.of());
  }

  private void count(Verdict verdict) {
    Objects.requireNonNull(sorted.get(verdict.sorted().way())).increment();
    for (String flag : verdict.flags()) {
      metrics.counter("millrace.events.flagged", "flag", Flag.in(flag).name()).increment();
    }
    if (verdict.forgotten() > 0) {
      metrics.counter("millrace.ledger.forgotten").increment(verdict.forgotten());
    }
  }
}

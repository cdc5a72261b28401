package dev.millrace.schemas.stage;

import dev.millrace.core.Arrival;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.stage.Sorted.Way;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Raw events to clean events, duplicates and quarantine records, by {@link Cleansing} under what
 * was active for each. For one thread.
 */
public final class CleansingStage {

  /** As quarantine records and metrics name it. */
  public static final String NAME = "cleansing";

  private static final List<Violation> NO_CONTRACT =
      List.of(
          new Violation(
              Reason.UNKNOWN_CONTRACT,
              null,
              "no contract is active; activate one and send it again"));

  /** An outcome, and what to remember when it goes out. */
  private record Verdict(Sorted sorted, UserLedger.@Nullable Change change) {}

  private final ActiveContracts contracts;
  private final ActiveSources sources;
  private final PayloadSchemas payloadSchemas;
  private final CleansingMessages messages;
  private final Guard guard;
  private final EventReader reader = new EventReader();

  public CleansingStage(
      ActiveContracts contracts,
      ActiveSources sources,
      PayloadSchemas payloadSchemas,
      CleansingMessages messages,
      Guard guard) {
    this.contracts = contracts;
    this.sources = sources;
    this.payloadSchemas = payloadSchemas;
    this.messages = messages;
    this.guard = guard;
  }

  /**
   * Sorts one raw event.
   *
   * @param key of its record; empty if it has none
   * @param ledgers of users, by key; changed if the event is clean
   */
  public Sorted sort(
      Origin origin,
      String key,
      RawEventMessage raw,
      StateHost<UserLedger, UserLedger.Change> ledgers) {
    byte[] payload = Messages.payload(raw);
    @Nullable Fault before = ledgers.recall(StateHost.ONLY, origin);
    if (before != null) {
      return faulty(origin, raw, payload, before);
    }
    Function<Fault, Verdict> otherwise =
        fault -> new Verdict(faulty(origin, raw, payload, fault), null);
    Verdict verdict =
        guard.decide(
            () -> decide(origin, key, raw, payload, ledgers.state(StateHost.ONLY, key)), otherwise);
    UserLedger.Change change = verdict.change();
    return change == null
        ? verdict.sorted()
        : guard.decide(
            () -> {
              ledgers.apply(StateHost.ONLY, key, change);
              return verdict.sorted();
            },
            fault -> {
              ledgers.takeBack(StateHost.ONLY, key, origin, fault);
              return faulty(origin, raw, payload, fault);
            });
  }

  /**
   * When the event happened, as its mapping and its contract read it, whatever becomes of it; null
   * if they find no time. Corrected order is by this.
   */
  public @Nullable Instant eventTime(Origin origin, String key, RawEventMessage raw) {
    byte[] payload = Messages.payload(raw);
    return guard
        .<Optional<Instant>>decide(
            () -> {
              @Nullable Cleansing cleansing = contracts.find(raw.getActivationOffset());
              return cleansing == null
                  ? Optional.empty()
                  : time(
                      cleansing.clean(
                          new UserLedger(), arrival(origin, key, raw, payload, mapping(raw))));
            },
            fault -> Optional.empty())
        .orElse(null);
  }

  private static Optional<Instant> time(Outcome alone) {
    return alone instanceof Outcome.Accepted accepted
        ? Optional.of(accepted.event().eventTime())
        : Optional.ofNullable(((Outcome.Rejected) alone).eventTime());
  }

  private @Nullable SourceMapping mapping(RawEventMessage raw) {
    return sources.find(raw.getSource(), raw.getActivationOffset());
  }

  private Arrival arrival(
      Origin origin,
      String key,
      RawEventMessage raw,
      byte[] payload,
      @Nullable SourceMapping mapping) {
    Arrival.Reading reading =
        reader.read(
            payload,
            raw.getContentType(),
            mapping,
            payloadSchemas.find(raw.getPayloadSchemaSha256()));
    return Messages.arrival(origin, key, raw, payload, reading);
  }

  /** Of a record that holds no raw event. */
  public Sorted unreadable(Origin origin, byte[] value, Violation violation) {
    List<Violation> violations = List.of(violation);
    return quarantined(Messages.quarantined(NAME, origin, value, violations), violations);
  }

  private Verdict decide(
      Origin origin, String key, RawEventMessage raw, byte[] payload, UserLedger ledger) {
    @Nullable Cleansing cleansing = contracts.find(raw.getActivationOffset());
    if (cleansing == null) {
      return new Verdict(quarantined(of(raw, origin, payload, NO_CONTRACT), NO_CONTRACT), null);
    }
    String contractSha256 = cleansing.contract().sha256();
    Map<String, String> lookups = cleansing.lookups();
    @Nullable SourceMapping mapping = mapping(raw);
    Arrival arrival = arrival(origin, key, raw, payload, mapping);
    Outcome outcome = cleansing.clean(ledger, arrival);

    if (outcome instanceof Outcome.Rejected rejected) {
      QuarantinedEventMessage.Builder record =
          of(raw, origin, payload, rejected.violations())
              .setEventId(rejected.eventId())
              .setEventTime(rejected.eventTime())
              .setFirstOrigin(rejected.first() == null ? null : Messages.origin(rejected.first()))
              .setMappingSha256(mapping == null ? null : mapping.sha256())
              .setContractSha256(contractSha256)
              .setLookups(lookups);
      return new Verdict(quarantined(record, rejected.violations()), null);
    }
    // Without a mapping every event is rejected, so here there is one.
    String mappingSha256 = Objects.requireNonNull(mapping).sha256();
    if (outcome instanceof Outcome.Duplicate duplicate) {
      byte[] message =
          messages
              .duplicate()
              .encode(
                  Messages.duplicate(arrival, duplicate, mappingSha256, contractSha256, lookups));
      return new Verdict(new Sorted(Way.DUPLICATE, message, List.of(), 0, List.of()), null);
    }
    Outcome.Accepted accepted = (Outcome.Accepted) outcome;
    byte[] message =
        messages
            .clean()
            .encode(Messages.clean(accepted.event(), mappingSha256, contractSha256, lookups));
    return new Verdict(
        new Sorted(Way.CLEAN, message, accepted.event().flags(), accepted.forgotten(), List.of()),
        accepted.change());
  }

  private Sorted faulty(Origin origin, RawEventMessage raw, byte[] payload, Fault fault) {
    List<Violation> violations = List.of(fault.violation());
    return quarantined(
        of(raw, origin, payload, violations).setException(fault.exception()), violations);
  }

  private static QuarantinedEventMessage.Builder of(
      RawEventMessage raw, Origin origin, byte[] payload, List<Violation> violations) {
    return Messages.quarantined(NAME, origin, payload, violations)
        .setReceivedAt(raw.getReceivedAt())
        .setSource(raw.getSource())
        .setIngestId(raw.getIngestId())
        .setFileName(raw.getFileName())
        .setFileSha256(raw.getFileSha256())
        .setFileLine(raw.getFileLine())
        .setActivationOffset(raw.getActivationOffset());
  }

  private Sorted quarantined(QuarantinedEventMessage.Builder record, List<Violation> violations) {
    return new Sorted(
        Way.QUARANTINED, messages.quarantined().encode(record.build()), List.of(), 0, violations);
  }
}

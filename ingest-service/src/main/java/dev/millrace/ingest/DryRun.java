package dev.millrace.ingest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.millrace.core.Arrival;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.stage.ActiveContracts;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.streams.StreamsKit;
import java.lang.ref.SoftReference;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What would become of an event if it were sent now, by the same fold as behind, over a user who
 * has no history; writes nothing.
 */
final class DryRun {

  /** An artifact that decided. */
  record Artifact(String name, int version, String sha256) {}

  /** One thing that is wrong. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Found(String rule, @Nullable String field, String message) {}

  /**
   * @param outcome {@code clean} or {@code quarantined}
   * @param event as it would stand on events.clean, but for its origin; null if quarantined
   * @param contract null only if it can't be read by this release
   * @param mapping null only if it can't be read by this release
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Verdict(
      String outcome,
      List<Found> violations,
      @Nullable Map<String, @Nullable Object> event,
      @JsonProperty("event_id_derived") @Nullable Boolean eventIdDerived,
      @Nullable Artifact contract,
      @Nullable Artifact mapping,
      @JsonProperty("activation_offset") long activationOffset) {}

  /** The event is on no log. */
  private static final Origin NOWHERE = new Origin("", 0, 0);

  private final ActiveSources sources;
  private final Supplier<ActiveContracts> contracts;
  private final EventReader reader = new EventReader();

  /** A geo database may have 100 MB, and is asked now and then: given up when memory is short. */
  private SoftReference<ActiveContracts> opened = new SoftReference<>(null);

  /**
   * @param contracts that have read nothing yet, and whose tokens need no key: ingest holds none
   */
  DryRun(ActiveSources sources, Supplier<ActiveContracts> contracts) {
    this.sources = sources;
    this.contracts = contracts;
  }

  private synchronized ActiveContracts contracts() {
    @Nullable ActiveContracts known = opened.get();
    if (known == null) {
      known = contracts.get();
      opened = new SoftReference<>(known);
    }
    return known;
  }

  /**
   * Empty if no contract is active.
   *
   * @throws dev.millrace.schemas.ArtifactStore.ArtifactException if the store does not have what is
   *     active
   * @throws dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException if the process is
   *     closing
   */
  Optional<Verdict> of(String source, byte[] payload, Instant receivedAt) {
    long offset = sources.lastKnown();
    return StreamsKit.GUARD.decide(
        () ->
            Optional.ofNullable(contracts().find(offset))
                .map(cleansing -> verdict(cleansing, source, payload, receivedAt, offset)),
        fault -> Optional.of(quarantined(List.of(fault.violation()), null, null, offset)));
  }

  private Verdict verdict(
      Cleansing cleansing, String source, byte[] payload, Instant receivedAt, long offset) {
    @Nullable SourceMapping mapping = sources.find(source, offset);
    Reading reading = reader.read(payload, ContentType.JSON, mapping);
    Arrival arrival =
        new Arrival(
            NOWHERE,
            RawEvents.key(reading.content().text(EventField.USER_ID), payload),
            source,
            receivedAt,
            offset,
            CanonicalHash.start().add(payload).digest128(),
            reading);
    Contract contract = cleansing.contract();
    Artifact decided = new Artifact(contract.name(), contract.version(), contract.sha256());
    @Nullable Artifact read =
        mapping == null ? null : new Artifact(mapping.name(), mapping.version(), mapping.sha256());
    Outcome outcome = cleansing.clean(new UserLedger(), arrival);
    if (outcome instanceof Outcome.Accepted accepted && read != null) {
      CleanEvent event = accepted.event();
      return new Verdict(
          "clean",
          List.of(),
          columns(Messages.clean(event, read.sha256(), decided.sha256(), cleansing.lookups())),
          event.eventIdDerived(),
          decided,
          read,
          offset);
    }
    // A user without history has no duplicates.
    return quarantined(((Outcome.Rejected) outcome).violations(), decided, read, offset);
  }

  private static Verdict quarantined(
      List<Violation> violations,
      @Nullable Artifact contract,
      @Nullable Artifact mapping,
      long offset) {
    List<Found> found =
        violations.stream()
            .map(
                violation ->
                    new Found(violation.rule().name(), violation.field(), violation.message()))
            .toList();
    return new Verdict("quarantined", found, null, null, contract, mapping, offset);
  }

  /** What the record says, by the names it has there. Times as ISO 8601. */
  private static Map<String, @Nullable Object> columns(CleanEventMessage message) {
    Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    for (Schema.Field field : message.getSchema().getFields()) {
      @Nullable Object value = message.get(field.pos());
      if (value instanceof Instant || value instanceof LocalDate) {
        columns.put(field.name(), value.toString());
      } else if (value != null && !field.name().equals("origin")) {
        columns.put(field.name(), value);
      }
    }
    return columns;
  }
}

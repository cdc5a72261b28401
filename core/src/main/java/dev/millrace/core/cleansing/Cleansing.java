package dev.millrace.core.cleansing;

import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Micros;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sorts raw events: clean, duplicate or quarantined, each exactly once.
 *
 * <p>The contract comes first, and every violation is reported; only what passed it has an
 * identity, (user id, event id). Time is the user's own: the greatest event time among the user's
 * clean events, kept in the ledger. No clock is read, so a replay decides the same.
 */
public final class Cleansing {

  /** What became of one raw event; never an exception. */
  public sealed interface Outcome {

    /**
     * @param change what the ledger must remember, in the same transaction
     * @param forgotten ids dropped because the user reached the bound
     */
    record Accepted(CleanEvent event, UserLedger.Change change, int forgotten) implements Outcome {}

    record Duplicate(String eventId, Instant eventTime, Origin first) implements Outcome {}

    /**
     * @param first the event whose id this one claimed; null for every other reason
     */
    record Rejected(
        @Nullable String eventId,
        @Nullable Instant eventTime,
        List<Violation> violations,
        @Nullable Origin first)
        implements Outcome {

      public Rejected {
        violations = List.copyOf(violations);
        if (violations.isEmpty()) {
          throw new IllegalArgumentException("An event is rejected for a reason");
        }
      }
    }
  }

  private static final int SWEEPS_PER_HORIZON = 8;

  private final Contract contract;
  private final ContractCheck check;
  private final Lookups lookups;
  private final long remembered;

  /**
   * @param contract the one that is active for the events to come
   * @param lookups what is active beside it
   */
  public Cleansing(Contract contract, Lookups lookups) {
    this.contract = contract;
    this.check = new ContractCheck(contract);
    this.lookups = lookups;
    this.remembered = Micros.of(contract.longestHorizon());
  }

  public Contract contract() {
    return contract;
  }

  /** What else decides: SHA-256 by kind and name, such as {@code geo/ip}. */
  public SortedMap<String, String> lookups() {
    return lookups.sha256s();
  }

  public Outcome clean(UserLedger ledger, Arrival arrival) {
    EventContent sent = arrival.reading().content();
    List<Violation> violations = new ArrayList<>(arrival.reading().violations());
    if (violations.stream().anyMatch(violation -> violation.field() == null)) {
      // The payload as a whole could not be read: there are no fields to check.
      return new Outcome.Rejected(null, null, violations, null);
    }
    ContractCheck.Checked checked =
        check.check(sent, unreadable(violations), ledger::profile, lookups);
    violations.addAll(checked.violations());
    EventContent content = checked.content();
    @Nullable Instant eventTime = content.time(EventField.EVENT_TIME);
    @Nullable String userId = content.text(EventField.USER_ID);
    checkTime(eventTime, arrival, violations);
    checkKey(userId, arrival, violations);
    return !violations.isEmpty() || userId == null || eventTime == null
        ? new Outcome.Rejected(publishableId(content, violations), eventTime, violations, null)
        : identify(ledger, arrival, checked, userId, eventTime);
  }

  /** The event's id, unless it is itself among what is wrong. */
  private static @Nullable String publishableId(EventContent content, List<Violation> violations) {
    String field = EventField.EVENT_ID.fieldName();
    return violations.stream().anyMatch(violation -> field.equals(violation.field()))
        ? null
        : content.text(EventField.EVENT_ID);
  }

  private static Set<String> unreadable(List<Violation> violations) {
    Set<String> names = new TreeSet<>();
    for (Violation violation : violations) {
      if (violation.field() != null) {
        names.add(violation.field());
      }
    }
    return names;
  }

  private void checkTime(@Nullable Instant eventTime, Arrival arrival, List<Violation> violations) {
    if (eventTime != null && eventTime.isAfter(arrival.receivedAt().plus(contract.maxFuture()))) {
      violations.add(
          new Violation(
              Reason.EVENT_TIME_IN_FUTURE,
              EventField.EVENT_TIME.fieldName(),
              "is more than " + contract.maxFuture() + " after the event arrived"));
    }
  }

  private static void checkKey(
      @Nullable String userId, Arrival arrival, List<Violation> violations) {
    if (userId != null && !userId.equals(arrival.key())) {
      violations.add(
          new Violation(
              Reason.KEY_MISMATCH,
              EventField.USER_ID.fieldName(),
              "is not the record key, so this user's order is not kept"));
    }
  }

  private Outcome identify(
      UserLedger ledger,
      Arrival arrival,
      ContractCheck.Checked checked,
      String userId,
      Instant eventTime) {
    @Nullable String sentId = checked.content().text(EventField.EVENT_ID);
    String eventId = sentId == null ? derivedId(arrival) : sentId;

    long time = Micros.of(eventTime);
    long horizon = Micros.of(contract.horizonOf(arrival.source()));
    boolean known = !ledger.isEmpty();
    if (known && (time < before(ledger.watermark(), horizon) || time <= ledger.floor())) {
      return rejected(
          eventId,
          eventTime,
          Reason.BEYOND_HORIZON,
          EventField.EVENT_TIME,
          "is so far behind the user's newest event that duplicates can't be told",
          null);
    }

    Digest128 id = CanonicalHash.start().add(eventId).digest128();
    long digest = arrival.reading().content().digest().high();
    UserLedger.@Nullable Seen seen = ledger.find(id);
    if (seen != null && seen.eventTime() >= before(ledger.watermark(), remembered)) {
      return seen.content() == digest
          ? new Outcome.Duplicate(eventId, eventTime, seen.origin())
          : rejected(
              eventId,
              eventTime,
              Reason.EVENT_ID_CONFLICT,
              EventField.EVENT_ID,
              "was already used by this user for an event with other content",
              seen.origin());
    }

    CleanEvent event =
        new CleanEvent(
            userId,
            eventId,
            sentId == null,
            eventTime,
            arrival.receivedAt(),
            known && time < ledger.watermark(),
            arrival.origin(),
            arrival.source(),
            arrival.activationOffset(),
            check.conceal(checked.content(), lookups),
            checked.flags());
    Sweep sweep = sweep(ledger, id, time, seen == null);
    UserLedger.Change change =
        new UserLedger.Change(
            id,
            new UserLedger.Seen(time, digest, arrival.origin()),
            sweep.forgetTo(),
            check.learnable(checked.content()),
            check.unlearn(ledger.profile().keySet()));
    return new Outcome.Accepted(event, change, sweep.forgottenAtBound());
  }

  /** The earliest time there is, if it would be earlier still: a clock may say any year. */
  private static long before(long time, long span) {
    return time < Long.MIN_VALUE + span ? Long.MIN_VALUE : time - span;
  }

  private static Outcome.Rejected rejected(
      String eventId,
      Instant eventTime,
      Reason reason,
      EventField field,
      String message,
      @Nullable Origin first) {
    return new Outcome.Rejected(
        eventId, eventTime, List.of(new Violation(reason, field.fieldName(), message)), first);
  }

  /** For a producer that sends no ids: equal payloads of one source are one event. */
  private static String derivedId(Arrival arrival) {
    return CanonicalHash.start()
        .add(arrival.source())
        .add(arrival.payloadHash().high())
        .add(arrival.payloadHash().low())
        .digest128()
        .hex();
  }

  /**
   * @param forgetTo null = nothing is forgotten
   * @param forgottenAtBound ids that were inside the horizon
   */
  private record Sweep(@Nullable Long forgetTo, int forgottenAtBound) {
    static final Sweep NONE = new Sweep(null, 0);
  }

  /**
   * What is forgotten when the event is remembered. Ids behind the horizon go in sweeps, one per
   * eighth of a horizon, so that each id is looked at a few times in its life and not at every
   * event.
   */
  private Sweep sweep(UserLedger ledger, Digest128 id, long time, boolean isNew) {
    if (ledger.isEmpty()) {
      return Sweep.NONE;
    }
    long watermark = Math.max(ledger.watermark(), time);
    boolean full = ledger.size() + (isNew ? 1 : 0) > contract.maxIdsPerUser();
    if (!full && before(watermark, remembered / SWEEPS_PER_HORIZON) < ledger.sweptAt()) {
      return Sweep.NONE;
    }

    long[] times = ledger.sortedTimesWithout(id);
    long oldest = before(watermark, remembered);
    int behind = below(times, oldest);
    if (times.length - behind + 1 <= contract.maxIdsPerUser()) {
      return new Sweep(oldest == Long.MIN_VALUE ? oldest : oldest - 1, 0);
    }
    int keep = contract.maxIdsPerUser() - contract.maxIdsPerUser() / SWEEPS_PER_HORIZON;
    long forgetTo = times[times.length - keep];
    int forgotten = forgetTo == Long.MAX_VALUE ? times.length : below(times, forgetTo + 1);
    return new Sweep(forgetTo, forgotten - behind);
  }

  /** How many of the sorted times are before that one. */
  private static int below(long[] times, long time) {
    int at = Arrays.binarySearch(times, time);
    if (at < 0) {
      return -at - 1;
    }
    while (at > 0 && times[at - 1] == time) {
      at--;
    }
    return at;
  }
}

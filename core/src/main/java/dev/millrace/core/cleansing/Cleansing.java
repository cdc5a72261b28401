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
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
  private final Lookups lookups;
  private final long remembered;

  /**
   * @param contract the one that is active for the events to come
   * @param lookups what is active beside it
   */
  public Cleansing(Contract contract, Lookups lookups) {
    this.contract = contract;
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
    UserLedger.@Nullable Head head = ledger.head();
    Contract.Checked checked = contract.check(sent, unreadable(violations), profile(head), lookups);
    violations.addAll(checked.violations());
    EventContent content = checked.content();
    @Nullable Instant eventTime = content.time(EventField.EVENT_TIME);
    @Nullable String userId = content.text(EventField.USER_ID);
    checkTime(eventTime, arrival, violations);
    checkKey(userId, arrival, violations);
    return !violations.isEmpty() || userId == null || eventTime == null
        ? new Outcome.Rejected(publishableId(content, violations), eventTime, violations, null)
        : identify(ledger, head, arrival, checked, userId, eventTime);
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

  private static SortedMap<String, RunningStats> profile(UserLedger.@Nullable Head head) {
    return head == null ? Collections.emptySortedMap() : head.profile();
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
      UserLedger.@Nullable Head head,
      Arrival arrival,
      Contract.Checked checked,
      String userId,
      Instant eventTime) {
    @Nullable String sentId = checked.content().text(EventField.EVENT_ID);
    String eventId = sentId == null ? derivedId(arrival) : sentId;

    long time = Micros.of(eventTime);
    long horizon = Micros.of(contract.horizonOf(arrival.source()));
    if (head != null && (time < before(head.watermark(), horizon) || time <= head.floor())) {
      return rejected(
          eventId,
          eventTime,
          Reason.BEYOND_HORIZON,
          EventField.EVENT_TIME,
          "is so far behind the user's newest event that duplicates can't be told",
          null);
    }

    Digest128 id = CanonicalHash.start().add(eventId).digest128();
    Digest128 digest = arrival.reading().content().digest();
    UserLedger.@Nullable Seen seen = ledger.find(id);
    if (seen != null && head != null && seen.eventTime() >= before(head.watermark(), remembered)) {
      return seen.content().equals(digest)
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
            head != null && time < head.watermark(),
            arrival.origin(),
            arrival.source(),
            arrival.activationOffset(),
            contract.conceal(checked.content(), lookups),
            checked.flags());
    SortedMap<String, RunningStats> profile = contract.learn(profile(head), checked.content());
    Sweep sweep =
        remember(
            ledger,
            head,
            profile,
            id,
            new UserLedger.Seen(time, digest, arrival.origin()),
            seen == null);
    return new Outcome.Accepted(event, sweep.change(), sweep.forgotten());
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

  private record Sweep(UserLedger.Change change, int forgotten) {}

  /**
   * Remembers the event. Ids behind the horizon are forgotten in sweeps, one per eighth of a
   * horizon, so that each id is looked at a few times in its life and not at every event.
   */
  private Sweep remember(
      UserLedger ledger,
      UserLedger.@Nullable Head head,
      SortedMap<String, RunningStats> profile,
      Digest128 id,
      UserLedger.Seen seen,
      boolean isNew) {
    if (head == null) {
      UserLedger.Head first =
          new UserLedger.Head(seen.eventTime(), Long.MIN_VALUE, 1, seen.eventTime(), profile);
      return new Sweep(new UserLedger.Change(first, id, seen, List.of()), 0);
    }
    long watermark = Math.max(head.watermark(), seen.eventTime());
    int count = head.remembered() + (isNew ? 1 : 0);
    boolean full = count > contract.maxIdsPerUser();
    if (!full && before(watermark, remembered / SWEEPS_PER_HORIZON) < head.sweptAt()) {
      UserLedger.Head next =
          new UserLedger.Head(watermark, head.floor(), count, head.sweptAt(), profile);
      return new Sweep(new UserLedger.Change(next, id, seen, List.of()), 0);
    }

    List<Map.Entry<Digest128, Long>> oldestFirst = new ArrayList<>(count);
    ledger.forEach(
        (known, entry) -> {
          if (!known.equals(id)) {
            oldestFirst.add(Map.entry(known, entry.eventTime()));
          }
        });
    oldestFirst.sort(
        Map.Entry.<Digest128, Long>comparingByValue()
            .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())));

    long oldest = before(watermark, remembered);
    long inHorizon = oldestFirst.stream().filter(entry -> entry.getValue() >= oldest).count();
    long cut = oldest - 1;
    if (inHorizon + 1 > contract.maxIdsPerUser()) {
      int keep = contract.maxIdsPerUser() - contract.maxIdsPerUser() / 8;
      cut = oldestFirst.get(oldestFirst.size() - keep).getValue();
    }
    List<Digest128> forget = new ArrayList<>();
    int forgottenAtBound = 0;
    long floor = head.floor();
    for (Map.Entry<Digest128, Long> entry : oldestFirst) {
      if (entry.getValue() > cut) {
        break;
      }
      forget.add(entry.getKey());
      forgottenAtBound += entry.getValue() >= oldest ? 1 : 0;
      // What was forgotten can't be told from a duplicate, whatever a later contract allows.
      floor = Math.max(floor, entry.getValue());
    }
    UserLedger.Head next =
        new UserLedger.Head(watermark, floor, count - forget.size(), watermark, profile);
    return new Sweep(new UserLedger.Change(next, id, seen, forget), forgottenAtBound);
  }
}

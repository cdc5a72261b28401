package dev.millrace.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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

  private final Contract contract;
  private final long horizon;

  public Cleansing(Contract contract) {
    this.contract = contract;
    this.horizon = Micros.of(contract.dedupHorizon());
  }

  public Outcome clean(UserLedger ledger, Arrival arrival) {
    EventContent content = arrival.reading().content();
    @Nullable String userId = content.text(EventField.USER_ID);
    @Nullable Instant eventTime = content.time(EventField.EVENT_TIME);
    List<Violation> violations = violations(arrival);
    if (!violations.isEmpty() || userId == null || eventTime == null) {
      return new Outcome.Rejected(content.text(EventField.EVENT_ID), eventTime, violations, null);
    }
    return identify(ledger, arrival, userId, eventTime);
  }

  private List<Violation> violations(Arrival arrival) {
    EventContent content = arrival.reading().content();
    List<Violation> found = new ArrayList<>(arrival.reading().violations());
    if (found.stream().anyMatch(violation -> violation.field() == null)) {
      return found; // the payload as a whole could not be read: there are no fields to check
    }
    for (EventField field : contract.required()) {
      boolean unreadable =
          found.stream().anyMatch(violation -> field.fieldName().equals(violation.field()));
      if (!unreadable && isBlank(content.fields().get(field))) {
        found.add(
            new Violation(
                Reason.MISSING_FIELD, field.fieldName(), "is required, and is not there"));
      }
    }
    content.fields().forEach((field, value) -> checkLength(field.fieldName(), value, found));
    content.attributes().forEach((name, value) -> checkLength(name, value, found));

    @Nullable Instant eventTime = content.time(EventField.EVENT_TIME);
    if (eventTime != null && eventTime.isBefore(Instant.EPOCH)) {
      found.add(
          new Violation(Reason.OUT_OF_RANGE, EventField.EVENT_TIME.fieldName(), "is before 1970"));
    }
    if (eventTime != null && eventTime.isAfter(arrival.receivedAt().plus(contract.maxFuture()))) {
      found.add(
          new Violation(
              Reason.EVENT_TIME_IN_FUTURE,
              EventField.EVENT_TIME.fieldName(),
              "is more than " + contract.maxFuture() + " after the event arrived"));
    }
    @Nullable String userId = content.text(EventField.USER_ID);
    if (userId != null && !isBlank(userId) && !userId.equals(arrival.key())) {
      found.add(
          new Violation(
              Reason.KEY_MISMATCH,
              EventField.USER_ID.fieldName(),
              "is not the record key, so this user's order is not kept"));
    }
    return found;
  }

  private Outcome identify(UserLedger ledger, Arrival arrival, String userId, Instant eventTime) {
    EventContent content = arrival.reading().content();
    @Nullable String sentId = content.text(EventField.EVENT_ID);
    boolean derived = isBlank(sentId);
    String eventId =
        sentId == null || derived
            ? CanonicalHash.start()
                .add(arrival.source())
                .add(arrival.payloadHash().high())
                .add(arrival.payloadHash().low())
                .digest128()
                .hex()
            : sentId;

    long time = Micros.of(eventTime);
    UserLedger.@Nullable Head head = ledger.head();
    if (head != null && (time < head.watermark() - horizon || time <= head.floor())) {
      return new Outcome.Rejected(
          eventId,
          eventTime,
          List.of(
              new Violation(
                  Reason.BEYOND_HORIZON,
                  EventField.EVENT_TIME.fieldName(),
                  "is so far behind the user's newest event that duplicates can't be told")),
          null);
    }

    Digest128 id = CanonicalHash.start().add(eventId).digest128();
    Digest128 digest = content.digest();
    UserLedger.@Nullable Seen seen = ledger.find(id);
    if (seen != null && head != null && seen.eventTime() >= head.watermark() - horizon) {
      return seen.content().equals(digest)
          ? new Outcome.Duplicate(eventId, eventTime, seen.origin())
          : new Outcome.Rejected(
              eventId,
              eventTime,
              List.of(
                  new Violation(
                      Reason.EVENT_ID_CONFLICT,
                      EventField.EVENT_ID.fieldName(),
                      "was already used by this user for an event with other content")),
              seen.origin());
    }

    CleanEvent event =
        new CleanEvent(
            userId,
            eventId,
            derived,
            eventTime,
            arrival.receivedAt(),
            head != null && time < head.watermark(),
            arrival.origin(),
            arrival.source(),
            arrival.activationOffset(),
            content);
    Sweep sweep =
        remember(
            ledger, head, id, new UserLedger.Seen(time, digest, arrival.origin()), seen == null);
    return new Outcome.Accepted(event, sweep.change(), sweep.forgotten());
  }

  private record Sweep(UserLedger.Change change, int forgotten) {}

  /**
   * Remembers the event. Ids behind the horizon are forgotten in sweeps, one per eighth of a
   * horizon, so that each id is looked at a few times in its life and not at every event.
   */
  private Sweep remember(
      UserLedger ledger,
      UserLedger.@Nullable Head head,
      Digest128 id,
      UserLedger.Seen seen,
      boolean isNew) {
    if (head == null) {
      UserLedger.Head first =
          new UserLedger.Head(seen.eventTime(), Long.MIN_VALUE, 1, seen.eventTime());
      return new Sweep(new UserLedger.Change(first, id, seen, List.of()), 0);
    }
    long watermark = Math.max(head.watermark(), seen.eventTime());
    int remembered = head.remembered() + (isNew ? 1 : 0);
    boolean full = remembered > contract.maxIdsPerUser();
    if (!full && watermark - head.sweptAt() < horizon / 8) {
      UserLedger.Head next =
          new UserLedger.Head(watermark, head.floor(), remembered, head.sweptAt());
      return new Sweep(new UserLedger.Change(next, id, seen, List.of()), 0);
    }

    List<Map.Entry<Digest128, Long>> oldestFirst = new ArrayList<>(remembered);
    ledger.forEach(
        (known, entry) -> {
          if (!known.equals(id)) {
            oldestFirst.add(Map.entry(known, entry.eventTime()));
          }
        });
    oldestFirst.sort(
        Map.Entry.<Digest128, Long>comparingByValue()
            .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())));

    long oldest = watermark - horizon;
    long inHorizon = oldestFirst.stream().filter(entry -> entry.getValue() >= oldest).count();
    long cut = oldest - 1;
    long floor = head.floor();
    if (inHorizon + 1 > contract.maxIdsPerUser()) {
      int keep = contract.maxIdsPerUser() / 8 * 7;
      cut = oldestFirst.get(oldestFirst.size() - keep).getValue();
      floor = Math.max(floor, cut);
    }
    List<Digest128> forget = new ArrayList<>();
    int forgottenAtBound = 0;
    for (Map.Entry<Digest128, Long> entry : oldestFirst) {
      if (entry.getValue() > cut) {
        break;
      }
      forget.add(entry.getKey());
      forgottenAtBound += entry.getValue() >= oldest ? 1 : 0;
    }
    UserLedger.Head next =
        new UserLedger.Head(watermark, floor, remembered - forget.size(), watermark);
    return new Sweep(new UserLedger.Change(next, id, seen, forget), forgottenAtBound);
  }

  private void checkLength(String name, Object value, List<Violation> found) {
    if (value instanceof String text && text.length() > contract.maxTextLength()) {
      found.add(
          new Violation(
              Reason.TOO_LONG, name, "has more than " + contract.maxTextLength() + " characters"));
    }
  }

  private static boolean isBlank(@Nullable Object value) {
    return value == null || (value instanceof String text && text.isBlank());
  }
}

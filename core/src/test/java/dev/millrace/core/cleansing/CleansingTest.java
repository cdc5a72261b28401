package dev.millrace.core.cleansing;

import static dev.millrace.core.Events.NOON;
import static dev.millrace.core.Events.content;
import static dev.millrace.core.cleansing.ContractBuilder.aContract;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.core.Arrival;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Events;
import dev.millrace.core.Micros;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.cleansing.Cleansing.Outcome.Duplicate;
import dev.millrace.core.cleansing.Cleansing.Outcome.Rejected;
import dev.millrace.core.cleansing.FieldRule.Pii;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What becomes of a raw event; the histories are in {@link CleansingHistoriesTest}. */
class CleansingTest {

  private static final Duration HORIZON = Duration.ofDays(7);
  private static final Duration MICROSECOND = Duration.of(1, ChronoUnit.MICROS);

  private final Cleansing cleansing = decidedBy(aContract().horizon(HORIZON));
  private final Host user = new Host();

  private static Cleansing decidedBy(ContractBuilder contract) {
    return new Cleansing(contract.build(), SmallLookups.NONE);
  }

  private static EventContent anEvent(String id, Instant time) {
    return content("ann", id, time);
  }

  private static EventContent withValue(String id, Instant time, long micros) {
    return content(
        Map.of(
            EventField.USER_ID, "ann",
            EventField.EVENT_ID, id,
            EventField.VALUE_MICROS, micros),
        time);
  }

  /** Arrives when it happened, at the offset. */
  private static Arrival at(long offset, EventContent content) {
    return Events.arrival(offset, content);
  }

  private static Arrival from(String source, long offset, EventContent content) {
    Arrival arrival = at(offset, content);
    return new Arrival(
        arrival.origin(),
        arrival.key(),
        source,
        arrival.receivedAt(),
        arrival.activationOffset(),
        arrival.payloadHash(),
        arrival.reading());
  }

  private static Arrival receivedAt(Instant received, EventContent content) {
    Arrival arrival = at(1, content);
    return new Arrival(
        arrival.origin(),
        arrival.key(),
        arrival.source(),
        received,
        arrival.activationOffset(),
        arrival.payloadHash(),
        arrival.reading());
  }

  private static Arrival underKey(String key, EventContent content, Violation... unreadable) {
    Arrival arrival = at(1, content);
    return new Arrival(
        arrival.origin(),
        key,
        arrival.source(),
        arrival.receivedAt(),
        arrival.activationOffset(),
        arrival.payloadHash(),
        new Arrival.Reading(content, List.of(unreadable)));
  }

  private static Origin origin(long offset) {
    return new Origin(Events.TOPIC_ID, 0, offset);
  }

  private static List<Reason> reasons(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Rejected.class);
    return ((Rejected) outcome).violations().stream().map(Violation::rule).toList();
  }

  private static CleanEvent accepted(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Accepted.class);
    return ((Accepted) outcome).event();
  }

  // Order of checks

  @Test
  void theContractComesBeforeIdentitySoABadEventSentTwiceIsQuarantinedTwice() {
    Arrival bad = at(1, content(Map.of(EventField.USER_ID, " "), NOON));

    assertThat(reasons(user.host(cleansing, bad))).containsExactly(Reason.MISSING_FIELD);
    assertThat(reasons(user.host(cleansing, bad))).containsExactly(Reason.MISSING_FIELD);
    assertThat(user.ledger().isEmpty()).isTrue();
  }

  @Test
  void anEventThatBreaksTheContractIsNotADuplicateOfOneThatHeldIt() {
    Cleansing strict =
        decidedBy(
            aContract()
                .field(RuleBuilder.of(EventField.VALUE_MICROS).range(BigDecimal.ZERO, null)));
    EventContent refund = withValue("e-1", NOON, -5);
    user.host(cleansing, at(1, refund));

    assertThat(reasons(user.host(strict, at(2, refund)))).containsExactly(Reason.OUT_OF_RANGE);
    assertThat(user.host(cleansing, at(3, refund))).isInstanceOf(Duplicate.class);
  }

  @Test
  void everyViolationIsToldAtOnceInTheOrderReadingContractTimeKey() {
    EventContent content =
        new EventContent(
            Map.of(EventField.USER_ID, "ann", EventField.EVENT_TIME, NOON.plusSeconds(400)),
            new TreeMap<>(Map.of("note", "x".repeat(101))));
    Arrival arrival =
        new Arrival(
            origin(1),
            "bob",
            "web",
            NOON,
            0,
            new Digest128(1, 2),
            new Arrival.Reading(
                content,
                List.of(new Violation(Reason.WRONG_TYPE, "value_micros", "is not a number"))));

    assertThat(((Rejected) user.host(cleansing, arrival)).violations())
        .extracting(Violation::rule, Violation::field)
        .containsExactly(
            tuple(Reason.WRONG_TYPE, "value_micros"),
            tuple(Reason.MISSING_FIELD, "event_type"),
            tuple(Reason.TOO_LONG, "note"),
            tuple(Reason.EVENT_TIME_IN_FUTURE, "event_time"),
            tuple(Reason.KEY_MISMATCH, "user_id"));
  }

  @Test
  void anUnreadablePayloadIsOneViolationAndNotALackOfEveryField() {
    Violation malformed = new Violation(Reason.JSON_MALFORMED, null, "ends too early");

    assertThat(user.host(cleansing, underKey("hash", new EventContent(Map.of()), malformed)))
        .isEqualTo(new Rejected(null, null, List.of(malformed), null));
  }

  @Test
  void aFieldThatCouldNotBeReadIsNotReportedAsMissingToo() {
    EventContent content =
        new EventContent(Map.of(EventField.USER_ID, "ann", EventField.EVENT_TYPE, "view"));

    Outcome outcome =
        user.host(
            cleansing,
            underKey("ann", content, new Violation(Reason.WRONG_TYPE, "event_time", "is no time")));

    assertThat(reasons(outcome)).containsExactly(Reason.WRONG_TYPE);
  }

  @Test
  void aUserWhoIsNotTheRecordKeyIsRefusedBecauseTheOrderIsNotKept() {
    assertThat(reasons(user.host(cleansing, underKey("bob", anEvent("e-1", NOON)))))
        .containsExactly(Reason.KEY_MISMATCH);
    assertThat(user.ledger().isEmpty()).isTrue();
  }

  @Test
  void aRejectedEventNamesItsIdUnlessTheIdItselfIsWrong() {
    EventContent future = anEvent("e-1", NOON.plusSeconds(301));
    EventContent longId = anEvent("e".repeat(101), NOON.plusSeconds(301));

    assertThat(((Rejected) user.host(cleansing, receivedAt(NOON, future))).eventId())
        .isEqualTo("e-1");
    Rejected ofLongId = (Rejected) user.host(cleansing, receivedAt(NOON, longId));
    assertThat(ofLongId.eventId()).isNull();
    assertThat(ofLongId.eventTime()).isEqualTo(NOON.plusSeconds(301));
    assertThat(reasons(ofLongId)).containsExactly(Reason.TOO_LONG, Reason.EVENT_TIME_IN_FUTURE);
  }

  @Test
  void anEventIsRejectedForAReason() {
    assertThatThrownBy(() -> new Rejected(null, null, List.of(), null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // Future

  @Test
  void aClockMayRunAheadOfArrivalUpToTheLimitAndNotAMicrosecondMore() {
    Instant limit = NOON.plus(Duration.ofMinutes(5));

    assertThat(user.host(cleansing, receivedAt(NOON, anEvent("e-1", limit))))
        .isInstanceOf(Accepted.class);
    assertThat(
            reasons(
                user.host(cleansing, receivedAt(NOON, anEvent("e-2", limit.plus(MICROSECOND))))))
        .containsExactly(Reason.EVENT_TIME_IN_FUTURE);
  }

  @Test
  void anEventOfTheFutureDoesNotMoveTheWatermark() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));
    user.host(cleansing, receivedAt(NOON, anEvent("e-2", NOON.plus(HORIZON).plusSeconds(1))));

    assertThat(accepted(user.host(cleansing, at(3, anEvent("e-3", NOON)))).late()).isFalse();
  }

  // Identity

  @Test
  void theFirstWinsAndIsNamedWhenTheEventComesAgain() {
    assertThat(user.host(cleansing, at(7, anEvent("e-1", NOON)))).isInstanceOf(Accepted.class);
    assertThat(user.host(cleansing, at(8, anEvent("e-1", NOON))))
        .isEqualTo(new Duplicate("e-1", NOON, origin(7)));
  }

  @Test
  void arrivalIsNoPartOfTheContentSoALaterRetryIsADuplicate() {
    user.host(cleansing, receivedAt(NOON, anEvent("e-1", NOON)));

    Arrival retry = receivedAt(NOON.plusSeconds(3_600), anEvent("e-1", NOON));

    assertThat(user.host(cleansing, from("app", 9, retry.reading().content())))
        .isInstanceOf(Duplicate.class);
  }

  @Test
  void otherContentUnderAKnownIdIsAConflictThatNamesTheFirst() {
    user.host(cleansing, at(7, anEvent("e-1", NOON)));

    Rejected conflict = (Rejected) user.host(cleansing, at(8, anEvent("e-1", NOON.plusSeconds(1))));

    assertThat(reasons(conflict)).containsExactly(Reason.EVENT_ID_CONFLICT);
    assertThat(conflict.first()).isEqualTo(origin(7));
    assertThat(conflict.eventId()).isEqualTo("e-1");
    assertThat(user.host(cleansing, at(9, anEvent("e-1", NOON)))).isInstanceOf(Duplicate.class);
  }

  @Test
  void contentIsComparedAsItWasMappedSoAnotherNormaliserMakesNoConflictOfARetry() {
    Cleansing lowering =
        decidedBy(
            aContract()
                .field(
                    RuleBuilder.of(EventField.EVENT_TYPE)
                        .required()
                        .normalised(new Normaliser.LowerCase())));
    EventContent loud =
        content(
            Map.of(
                EventField.USER_ID, "ann",
                EventField.EVENT_ID, "e-1",
                EventField.EVENT_TYPE, "VIEW"),
            NOON);
    user.host(cleansing, at(1, loud));

    assertThat(user.host(lowering, at(2, loud))).isInstanceOf(Duplicate.class);
    assertThat(reasons(user.host(lowering, at(3, anEvent("e-1", NOON)))))
        .containsExactly(Reason.EVENT_ID_CONFLICT);
  }

  @Test
  void anIdIsTheUsersOwn() {
    Host bob = new Host();
    user.host(cleansing, at(1, anEvent("e-1", NOON)));

    assertThat(bob.host(cleansing, at(2, content("bob", "e-1", NOON))))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void equalPayloadsOfOneSourceWithoutAnIdAreOneEventWhoseIdIsMarkedAsDerived() {
    EventContent nameless = content(Map.of(EventField.USER_ID, "ann"), NOON);

    CleanEvent first = accepted(user.host(cleansing, at(1, nameless)));
    CleanEvent elsewhere = accepted(user.host(cleansing, from("app", 2, nameless)));

    assertThat(first.eventIdDerived()).isTrue();
    assertThat(first.eventId()).matches("[0-9a-f]{32}").isNotEqualTo(elsewhere.eventId());
    assertThat(first.content().text(EventField.EVENT_ID)).isNull();
    assertThat(user.host(cleansing, at(3, nameless)))
        .isEqualTo(new Duplicate(first.eventId(), NOON, origin(1)));
  }

  @Test
  void aBlankIdIsNone() {
    CleanEvent event = accepted(user.host(cleansing, at(1, anEvent(" ", NOON))));

    assertThat(event.eventIdDerived()).isTrue();
  }

  @Test
  void anIdOfTheProducerIsKeptAndNotMarked() {
    CleanEvent event = accepted(user.host(cleansing, at(1, anEvent("e-1", NOON))));

    assertThat(event.eventId()).isEqualTo("e-1");
    assertThat(event.eventIdDerived()).isFalse();
    assertThat(event.origin()).isEqualTo(origin(1));
    assertThat(event.userId()).isEqualTo("ann");
    assertThat(event.source()).isEqualTo("web");
  }

  // Watermark and lateness

  @Test
  void anEventBehindTheUsersNewestIsAcceptedAndMarkedLate() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));

    assertThat(
            accepted(user.host(cleansing, at(2, anEvent("e-2", NOON.minus(MICROSECOND))))).late())
        .isTrue();
    assertThat(accepted(user.host(cleansing, at(3, anEvent("e-3", NOON)))).late()).isFalse();
    assertThat(user.ledger().watermark()).isEqualTo(Micros.of(NOON));
  }

  @Test
  void aDuplicateAndARejectedEventDoNotMoveTheWatermark() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));
    byte[] before = user.bytes();

    user.host(cleansing, at(2, anEvent("e-1", NOON)));
    user.host(cleansing, at(3, anEvent("e-1", NOON.plusSeconds(60))));

    assertThat(user.bytes()).isEqualTo(before);
  }

  // Horizon

  @Test
  void anEventAtTheHorizonIsAcceptedAndAMicrosecondBeyondItIsRefused() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));
    Instant oldest = NOON.minus(HORIZON);

    Rejected beyond =
        (Rejected) user.host(cleansing, at(2, anEvent("e-2", oldest.minus(MICROSECOND))));

    assertThat(reasons(beyond)).containsExactly(Reason.BEYOND_HORIZON);
    assertThat(beyond.first()).isNull();
    assertThat(accepted(user.host(cleansing, at(3, anEvent("e-3", oldest)))).late()).isTrue();
  }

  @Test
  void anIdAtTheHorizonIsStillRemembered() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));
    user.host(cleansing, at(2, anEvent("e-2", NOON.plus(HORIZON))));

    assertThat(user.host(cleansing, at(3, anEvent("e-1", NOON))))
        .isEqualTo(new Duplicate("e-1", NOON, origin(1)));
  }

  @Test
  void anEventBeyondTheHorizonIsRefusedEvenIfItIsRemembered() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));
    user.host(cleansing, at(2, anEvent("e-2", NOON.plus(HORIZON).plus(MICROSECOND))));

    assertThat(reasons(user.host(cleansing, at(3, anEvent("e-1", NOON)))))
        .containsExactly(Reason.BEYOND_HORIZON);
  }

  @Test
  void anIdWhoseEventIsBeyondTheHorizonMayBeUsedAgain() {
    user.host(cleansing, at(1, anEvent("e-1", NOON)));
    Instant later = NOON.plus(HORIZON).plus(MICROSECOND);
    user.host(cleansing, at(2, anEvent("e-2", later)));

    assertThat(user.host(cleansing, at(3, anEvent("e-1", later)))).isInstanceOf(Accepted.class);
    assertThat(user.host(cleansing, at(4, anEvent("e-1", later))))
        .isEqualTo(new Duplicate("e-1", later, origin(3)));
  }

  @Test
  void aSourceMayReachFurtherBackThanTheOthersOrLessFar() {
    Cleansing bySource =
        decidedBy(
            aContract()
                .horizon(HORIZON)
                .horizonOf("history", Duration.ofDays(3_650))
                .horizonOf("live", Duration.ofHours(1)));
    user.host(bySource, at(1, anEvent("e-1", NOON)));
    Instant longAgo = NOON.minus(Duration.ofDays(3_000));

    assertThat(user.host(bySource, from("history", 2, anEvent("e-2", longAgo))))
        .isInstanceOf(Accepted.class);
    assertThat(user.host(bySource, from("history", 3, anEvent("e-2", longAgo))))
        .isInstanceOf(Duplicate.class);
    assertThat(reasons(user.host(bySource, from("web", 4, anEvent("e-2", longAgo)))))
        .containsExactly(Reason.BEYOND_HORIZON);
    assertThat(
            reasons(user.host(bySource, from("live", 5, anEvent("e-3", NOON.minusSeconds(3_601))))))
        .containsExactly(Reason.BEYOND_HORIZON);
    assertThat(user.host(bySource, from("web", 6, anEvent("e-3", NOON.minusSeconds(3_601)))))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void aClockThatSaysTheBeginningOfTimeDoesNotShutOutLaterEvents() {
    Instant beginning = Micros.toInstant(Long.MIN_VALUE + 1);

    assertThat(user.host(cleansing, at(1, anEvent("e-1", beginning)))).isInstanceOf(Accepted.class);
    assertThat(user.host(cleansing, at(2, anEvent("e-1", beginning))))
        .isInstanceOf(Duplicate.class);
    assertThat(user.host(cleansing, at(3, anEvent("e-2", NOON)))).isInstanceOf(Accepted.class);
    assertThat(user.size()).isEqualTo(1);
  }

  // Bound

  @Test
  void atTheBoundTheHorizonRisesToTheEvictedTimeAndNothingIsAcceptedTwice() {
    Cleansing bounded = decidedBy(aContract().maxIds(8));
    int forgotten = 0;
    for (int i = 0; i < 100; i++) {
      Accepted outcome =
          (Accepted) user.host(bounded, at(i, anEvent("e-" + i, NOON.plusSeconds(i))));
      forgotten += outcome.forgotten();
      assertThat(user.size()).isEqualTo(user.ledger().size()).isLessThanOrEqualTo(8);
    }

    assertThat(forgotten).isEqualTo(100 - user.size());
    Instant floor = Micros.toInstant(user.ledger().floor());
    for (int i = 0; i < 100; i++) {
      Instant time = NOON.plusSeconds(i);
      Outcome again = user.host(bounded, at(200 + i, anEvent("e-" + i, time)));
      if (time.isAfter(floor)) {
        assertThat(again).isEqualTo(new Duplicate("e-" + i, time, origin(i)));
      } else {
        assertThat(reasons(again)).containsExactly(Reason.BEYOND_HORIZON);
      }
    }
    assertThat(user.host(bounded, at(400, anEvent("new", floor.plus(MICROSECOND)))))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void atTheBoundAnEighthGoesWhateverTheBound() {
    Cleansing bounded = decidedBy(aContract().maxIds(15));
    for (int i = 0; i < 15; i++) {
      user.host(bounded, at(i, anEvent("e-" + i, NOON.plusSeconds(i))));
    }

    Accepted sixteenth =
        (Accepted) user.host(bounded, at(15, anEvent("e-15", NOON.plusSeconds(15))));

    assertThat(sixteenth.forgotten()).isEqualTo(2);
    assertThat(user.size()).isEqualTo(14);
  }

  @Test
  void idsThatAreMerelyOldAreForgottenWithoutBeingCountedAtTheBound() {
    int forgotten = 0;
    for (int day = 0; day < 60; day++) {
      Instant time = NOON.plus(Duration.ofDays(day));
      forgotten +=
          ((Accepted) user.host(cleansing, at(day, anEvent("e-" + day, time)))).forgotten();
    }

    assertThat(forgotten).isZero();
    // Swept now and then, not at every event.
    assertThat(user.ledger().watermark() - user.ledger().sweptAt())
        .isLessThan(Micros.of(HORIZON) / 8);
    assertThat(user.size()).isLessThanOrEqualTo(9);
  }

  @Test
  void manyEventsOfOneInstantStayWithinTheBound() {
    Cleansing bounded = decidedBy(aContract().maxIds(8));
    int accepted = 0;
    for (int i = 0; i < 50; i++) {
      accepted += user.host(bounded, at(i, anEvent("e-" + i, NOON))) instanceof Accepted ? 1 : 0;
      assertThat(user.size()).isEqualTo(user.ledger().size()).isLessThanOrEqualTo(8);
    }

    // The ninth lets all of them go, and from then on that instant can't be told from a duplicate.
    assertThat(accepted).isEqualTo(9);
  }

  // Change of contract

  @Test
  void aHorizonThatGrewNeverAcceptsAgainWhatWasForgottenUnderTheShorterOne() {
    Cleansing brief = decidedBy(aContract().horizon(Duration.ofDays(1)));
    Cleansing patient = decidedBy(aContract().horizon(Duration.ofDays(365)));
    for (int day = 0; day < 30; day++) {
      user.host(brief, at(day, anEvent("e-" + day, NOON.plus(Duration.ofDays(day)))));
    }

    for (int day = 0; day < 30; day++) {
      Outcome again =
          user.host(patient, at(100 + day, anEvent("e-" + day, NOON.plus(Duration.ofDays(day)))));
      assertThat(again).as("day %d", day).isNotInstanceOf(Accepted.class);
    }
  }

  @Test
  void aSmallerBoundTakesEffectWithTheNextEvent() {
    for (int i = 0; i < 100; i++) {
      user.host(cleansing, at(i, anEvent("e-" + i, NOON.plusSeconds(i))));
    }

    Accepted next =
        (Accepted)
            user.host(
                decidedBy(aContract().maxIds(16)),
                at(100, anEvent("e-100", NOON.plusSeconds(100))));

    assertThat(user.size()).isEqualTo(14);
    assertThat(next.forgotten()).isEqualTo(87);
  }

  // What goes out

  @Test
  void tokensStandInTheCleanEventWhileDigestAndChecksSeeTheClearValue() {
    Cleansing concealing =
        decidedBy(
            aContract()
                .field(
                    RuleBuilder.of(EventField.EMAIL)
                        .normalised(new Normaliser.Email())
                        .pii(Pii.TOKENIZE))
                .field(RuleBuilder.of(EventField.PHONE).pii(Pii.MASK)));

    CleanEvent event = accepted(user.host(concealing, at(1, withContact("e-1", "a@example.org"))));

    assertThat(event.content().text(EventField.EMAIL)).isEqualTo("token of 13 characters");
    assertThat(event.content().text(EventField.PHONE)).isEqualTo("******");
    assertThat(user.host(concealing, at(2, withContact("e-1", "a@example.org"))))
        .isInstanceOf(Duplicate.class);
    // As long as the other, so its token is the same here: only the clear value tells them apart.
    assertThat(reasons(user.host(concealing, at(3, withContact("e-1", "b@example.org")))))
        .containsExactly(Reason.EVENT_ID_CONFLICT);
    assertThat(reasons(user.host(concealing, at(4, withContact("e-2", "no address")))))
        .containsExactly(Reason.INVALID_EMAIL);
  }

  private static EventContent withContact(String id, String email) {
    return content(
        Map.of(
            EventField.USER_ID,
            "ann",
            EventField.EVENT_ID,
            id,
            EventField.EMAIL,
            email,
            EventField.PHONE,
            "555-01"),
        NOON);
  }

  @Test
  void aUsersOwnValuesJudgeTheNextOneAndOnlyCleanEventsCount() {
    Cleansing judging =
        decidedBy(
            aContract()
                .field(
                    RuleBuilder.of(EventField.VALUE_MICROS)
                        .range(null, new BigDecimal(1_000_000))
                        .outlier(new Outlier(null, new BigDecimal(3), null, 5))));
    for (int i = 0; i < 20; i++) {
      Outcome usual = user.host(judging, at(i, withValue("e-" + i, NOON, 100 + i % 2)));
      assertThat(accepted(usual).flags()).isEmpty();
    }
    user.host(judging, at(20, withValue("e-0", NOON, 100)));
    user.host(judging, at(21, withValue("e-21", NOON, 1_000_001)));

    assertThat(accepted(user.host(judging, at(22, withValue("e-22", NOON, 200)))).flags())
        .containsExactly("value_micros:OUTLIER_Z_SCORE");
    assertThat(user.ledger().profile("value_micros").count()).isEqualTo(21);
  }
}

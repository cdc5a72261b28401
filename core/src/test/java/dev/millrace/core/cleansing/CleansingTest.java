package dev.millrace.core;

import static dev.millrace.core.Events.NOON;
import static dev.millrace.core.Events.arrival;
import static dev.millrace.core.Events.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Cleansing.Outcome;
import dev.millrace.core.Cleansing.Outcome.Accepted;
import dev.millrace.core.Cleansing.Outcome.Duplicate;
import dev.millrace.core.Cleansing.Outcome.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CleansingTest {

  private static final Contract CONTRACT = Contract.USER_ACTIVITY;

  private final Cleansing cleansing = new Cleansing(CONTRACT);
  private final MapLedger ledger = new MapLedger();

  private Outcome host(Arrival arrival) {
    Outcome outcome = cleansing.clean(ledger, arrival);
    if (outcome instanceof Accepted accepted) {
      ledger.apply(accepted.change());
    }
    return outcome;
  }

  private static List<Reason> reasons(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Rejected.class);
    return ((Rejected) outcome).violations().stream().map(Violation::rule).toList();
  }

  @Test
  void acceptsAnEventOnceAndNamesTheFirstWhenItComesAgain() {
    EventContent content = content("ann", "e-1", NOON);

    assertThat(host(arrival(7, content))).isInstanceOf(Accepted.class);
    assertThat(host(arrival(8, content)))
        .isEqualTo(new Duplicate("e-1", NOON, new Origin(Events.TOPIC_ID, 0, 7)));
  }

  @Test
  void quarantinesOtherContentUnderAKnownIdAndNamesTheFirst() {
    host(arrival(7, content("ann", "e-1", NOON)));

    Outcome conflict = host(arrival(8, content("ann", "e-1", NOON.plusSeconds(1))));

    assertThat(reasons(conflict)).containsExactly(Reason.EVENT_ID_CONFLICT);
    assertThat(((Rejected) conflict).first()).isEqualTo(new Origin(Events.TOPIC_ID, 0, 7));
  }

  @Test
  void tellsEveryViolationOfAnEventAtOnce() {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    fields.put(EventField.USER_ID, " ");
    fields.put(EventField.EVENT_TIME, NOON.plusSeconds(400));
    Arrival.Reading reading =
        new Arrival.Reading(
            new EventContent(fields, new TreeMap<>(Map.of("note", "x".repeat(8_193)))),
            List.of(new Violation(Reason.WRONG_TYPE, "value_micros", "is not a number")));
    Arrival arrival =
        new Arrival(
            new Origin(Events.TOPIC_ID, 0, 1), "k", "web", NOON, 0, new Digest128(1, 2), reading);

    assertThat(reasons(host(arrival)))
        .containsExactlyInAnyOrder(
            Reason.WRONG_TYPE,
            Reason.MISSING_FIELD,
            Reason.MISSING_FIELD,
            Reason.TOO_LONG,
            Reason.EVENT_TIME_IN_FUTURE);
  }

  @Test
  void anUnreadablePayloadIsOneViolationAndNotALackOfEveryField() {
    Arrival arrival =
        new Arrival(
            new Origin(Events.TOPIC_ID, 0, 1),
            "hash",
            "web",
            NOON,
            0,
            new Digest128(1, 2),
            new Arrival.Reading(
                new EventContent(Map.of()),
                List.of(new Violation(Reason.JSON_MALFORMED, null, "ends too early"))));

    assertThat(reasons(host(arrival))).containsExactly(Reason.JSON_MALFORMED);
  }

  @Test
  void aFieldOfTheWrongTypeIsNotReportedAsMissingToo() {
    EventContent content =
        new EventContent(Map.of(EventField.USER_ID, "ann", EventField.EVENT_TYPE, "v"));
    Arrival arrival =
        new Arrival(
            new Origin(Events.TOPIC_ID, 0, 1),
            "ann",
            "web",
            NOON,
            0,
            content.digest(),
            new Arrival.Reading(
                content, List.of(new Violation(Reason.WRONG_TYPE, "event_time", "is no time"))));

    assertThat(reasons(host(arrival))).containsExactly(Reason.WRONG_TYPE);
  }

  @Test
  void toleratesAClockThatRunsAheadUpToTheLimitAndNotAMicrosecondMore() {
    Instant limit = NOON.plus(CONTRACT.maxFuture());

    assertThat(host(receivedAtNoon(limit))).isInstanceOf(Accepted.class);
    assertThat(reasons(host(receivedAtNoon(limit.plus(1, ChronoUnit.MICROS)))))
        .containsExactly(Reason.EVENT_TIME_IN_FUTURE);
  }

  private static Arrival receivedAtNoon(Instant eventTime) {
    EventContent content = content("ann", "e-" + eventTime, eventTime);
    return new Arrival(
        new Origin(Events.TOPIC_ID, 0, 1),
        "ann",
        "web",
        NOON,
        0,
        content.digest(),
        new Arrival.Reading(content, List.of()));
  }

  @Test
  void refusesATimeBefore1970() {
    assertThat(reasons(host(arrival(1, content("ann", "e", Instant.EPOCH.minusMillis(1))))))
        .containsExactly(Reason.OUT_OF_RANGE);
    assertThat(host(arrival(1, content("ann", "e", Instant.EPOCH)))).isInstanceOf(Accepted.class);
  }

  @Test
  void refusesAUserWhoIsNotTheRecordKey() {
    EventContent content = content("ann", "e-1", NOON);
    Arrival misplaced =
        new Arrival(
            new Origin(Events.TOPIC_ID, 0, 1),
            "bob",
            "web",
            NOON,
            0,
            content.digest(),
            new Arrival.Reading(content, List.of()));

    assertThat(reasons(host(misplaced))).containsExactly(Reason.KEY_MISMATCH);
  }

  @Test
  void identicalPayloadsWithoutAnIdAreDuplicatesAndTheIdIsMarkedAsDerived() {
    EventContent nameless = content(Map.of(EventField.USER_ID, "ann"), NOON);

    Accepted first = (Accepted) host(arrival(1, nameless));

    assertThat(first.event().eventIdDerived()).isTrue();
    assertThat(first.event().eventId()).matches("[0-9a-f]{32}");
    assertThat(host(arrival(2, nameless))).isInstanceOf(Duplicate.class);
  }

  @Test
  void marksAnEventBehindTheWatermarkAsLateAndAcceptsIt() {
    host(arrival(1, content("ann", "e-1", NOON)));

    Accepted late = (Accepted) host(arrival(2, content("ann", "e-2", NOON.minusSeconds(1))));
    Accepted onTime = (Accepted) host(arrival(3, content("ann", "e-3", NOON)));

    assertThat(late.event().late()).isTrue();
    assertThat(onTime.event().late()).isFalse();
  }

  @Test
  void acceptsAtTheHorizonAndRefusesAMicrosecondBeyondIt() {
    host(arrival(1, content("ann", "e-1", NOON)));
    Instant oldest = NOON.minus(CONTRACT.dedupHorizon());

    assertThat(reasons(host(arrival(2, content("ann", "e-2", oldest.minus(1, ChronoUnit.MICROS))))))
        .containsExactly(Reason.BEYOND_HORIZON);
    assertThat(host(arrival(3, content("ann", "e-3", oldest)))).isInstanceOf(Accepted.class);
  }

  @Test
  void atTheBoundTheOldestIdsGoAndEventsThatOldAreRefusedInsteadOfAcceptedTwice() {
    Contract small =
        new Contract(
            "c", 1, EnumSet.of(EventField.USER_ID), 100, Duration.ZERO, Duration.ofDays(7), 8);
    Cleansing bounded = new Cleansing(small);
    int forgotten = 0;
    for (int i = 0; i < 100; i++) {
      Outcome outcome =
          bounded.clean(ledger, arrival(i, content("ann", "e-" + i, NOON.plusSeconds(i))));
      ledger.apply(((Accepted) outcome).change());
      forgotten += ((Accepted) outcome).forgotten();
      assertThat(ledger.size()).isLessThanOrEqualTo(8);
    }

    assertThat(forgotten).isEqualTo(100 - ledger.size());
    for (int i = 0; i < 100; i++) {
      Outcome again =
          bounded.clean(ledger, arrival(200 + i, content("ann", "e-" + i, NOON.plusSeconds(i))));
      assertThat(again).isNotInstanceOf(Accepted.class);
    }
  }

  @Test
  void anotherContractHasAnotherHash() {
    Contract longer =
        new Contract(
            CONTRACT.name(),
            CONTRACT.version(),
            CONTRACT.required(),
            CONTRACT.maxTextLength(),
            CONTRACT.maxFuture(),
            CONTRACT.dedupHorizon().plusDays(1),
            CONTRACT.maxIdsPerUser());

    assertThat(longer.sha256()).isNotEqualTo(CONTRACT.sha256());
    assertThat(CONTRACT.sha256()).hasSize(64);
  }

  @Test
  void refusesAContractThatCannotHold() {
    assertThatThrownBy(
            () ->
                new Contract(
                    "c",
                    1,
                    EnumSet.noneOf(EventField.class),
                    0,
                    Duration.ZERO,
                    Duration.ofDays(1),
                    8))
        .hasMessageContaining("maxTextLength");
    assertThatThrownBy(
            () ->
                new Contract(
                    "c", 1, EnumSet.noneOf(EventField.class), 1, Duration.ZERO, Duration.ZERO, 8))
        .hasMessageContaining("dedupHorizon");
    assertThatThrownBy(() -> new Rejected(null, null, List.of(), null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  /** The obvious twin: every accepted event of the user in a list, and a look through all of it. */
  private static final class ObviousLedger {

    private record Entry(String eventId, Instant time, EventContent content) {}

    private final List<Entry> accepted = new ArrayList<>();

    Class<? extends Outcome> clean(EventContent content, Duration horizon) {
      Instant time = content.time(EventField.EVENT_TIME);
      String id = content.text(EventField.EVENT_ID);
      Instant watermark =
          accepted.stream().map(Entry::time).max(Instant::compareTo).orElse(Instant.MIN);
      Instant oldest = accepted.isEmpty() ? Instant.MIN : watermark.minus(horizon);
      if (time.isBefore(oldest)) {
        return Rejected.class;
      }
      for (int i = accepted.size() - 1; i >= 0; i--) {
        Entry entry = accepted.get(i);
        if (entry.eventId.equals(id) && !entry.time.isBefore(oldest)) {
          return entry.content.equals(content) ? Duplicate.class : Rejected.class;
        }
      }
      accepted.add(new Entry(id, time, content));
      return Accepted.class;
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void decidesAsTheObviousTwinDoesOnRandomHistories(long seed) {
    Random random = new Random(seed);
    Map<String, MapLedger> ledgers = new HashMap<>();
    Map<String, ObviousLedger> twins = new HashMap<>();
    List<EventContent> sent = new ArrayList<>();
    Instant clock = NOON;

    for (int i = 0; i < 1_500; i++) {
      clock = clock.plusSeconds(random.nextInt(3 * 3_600));
      EventContent content;
      if (!sent.isEmpty() && random.nextInt(4) == 0) {
        content = sent.get(random.nextInt(sent.size()));
      } else {
        Instant time = clock.minusSeconds(random.nextInt(3) == 0 ? random.nextInt(9 * 86_400) : 0);
        content = content("u" + random.nextInt(3), "e" + random.nextInt(400), time);
      }
      sent.add(content);
      String user = content.text(EventField.USER_ID);
      MapLedger userLedger = ledgers.computeIfAbsent(user, u -> new MapLedger());
      Arrival arrival =
          new Arrival(
              new Origin(Events.TOPIC_ID, 0, i),
              user,
              "web",
              clock,
              0,
              content.digest(),
              new Arrival.Reading(content, List.of()));

      Outcome outcome = cleansing.clean(userLedger, arrival);
      if (outcome instanceof Accepted accepted) {
        userLedger.apply(accepted.change());
      }

      assertThat(outcome)
          .as("event %d", i)
          .isInstanceOf(
              twins
                  .computeIfAbsent(user, u -> new ObviousLedger())
                  .clean(content, CONTRACT.dedupHorizon()));
      assertThat(userLedger.head().remembered()).isEqualTo(userLedger.size());
    }
  }
}

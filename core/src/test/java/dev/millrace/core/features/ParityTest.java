package dev.millrace.core.features;

import static dev.millrace.core.Events.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Events;
import dev.millrace.core.Micros;
import dev.millrace.core.Origin;
import dev.millrace.core.expression.Expression.Arithmetic;
import dev.millrace.core.expression.Expression.Variable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each class promises, on random histories in two orders; and that it promises no more. */
class ParityTest {

  private static final FeatureSet SET = EveryOperation.set();
  private static final List<String> COLUMNS = SET.columnNames();
  private static final List<Parity> CLASSES = Parity.ofColumns(SET);
  private static final Comparator<CleanEvent> CORRECTED =
      Comparator.comparing(CleanEvent::eventTime).thenComparing(event -> event.origin().offset());

  private final FeatureFold fold = new FeatureFold(SET);

  static LongStream seeds() {
    return LongStream.range(0, 1_000);
  }

  /**
   * Events in no order at all, over a minute to a year.
   *
   * @param tied whether some share a time
   */
  private static List<CleanEvent> history(Random random, boolean tied) {
    long span = (long) StrictMath.pow(10, 8 + random.nextInt(7));
    int events = 2 + random.nextInt(20);
    Set<Long> taken = new TreeSet<>();
    List<CleanEvent> history = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      long time = Micros.of(NOON) + random.nextLong(span);
      if (tied && i > 0 && random.nextInt(3) == 0) {
        time = Micros.of(history.get(random.nextInt(i)).eventTime());
      } else if (!taken.add(time)) {
        continue;
      }
      history.add(event(random, i, time));
    }
    return history;
  }

  /** One session, much longer than a session's memory. */
  private static List<CleanEvent> busyDay(Random random) {
    List<CleanEvent> day = new ArrayList<>();
    long clock = Micros.of(NOON);
    for (int i = 0; i < 200; i++) {
      clock += 1 + random.nextLong(Micros.of(EveryOperation.GAP) / 4);
      day.add(event(random, i, clock));
    }
    return day;
  }

  private static CleanEvent event(Random random, int offset, long micros) {
    Instant time = Micros.toInstant(micros);
    return new CleanEvent(
        "ann",
        "e-" + offset,
        false,
        time,
        time,
        false,
        new Origin(Events.TOPIC_ID, 0, offset),
        "web",
        0,
        new EventContent(
            fields(random),
            new TreeMap<>(
                Map.of("rating", random.nextInt(10) / 2.0, "member", random.nextBoolean()))),
        List.of());
  }

  private static Map<EventField, Object> fields(Random random) {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    fields.put(
        EventField.EVENT_TYPE, List.of("view", "purchase", "login_failed").get(random.nextInt(3)));
    fields.put(EventField.VALUE_MICROS, random.nextLong() >> random.nextInt(64));
    fields.put(EventField.QUANTITY, random.nextLong() >> random.nextInt(64));
    if (random.nextInt(3) > 0) {
      fields.put(EventField.COUNTRY, List.of("DE", "FR", "IT").get(random.nextInt(3)));
    }
    fields.put(EventField.PRODUCT_ID, "p" + random.nextInt(12));
    return fields;
  }

  private List<Object> readAfter(List<CleanEvent> events, Instant at) {
    UserActivity activity = fold.start();
    events.forEach(event -> fold.apply(activity, fold.take(event)));
    return fold.read(activity, at);
  }

  /** Columns that differ between this order of the events and the corrected one. */
  private List<String> differing(List<CleanEvent> order, Instant at) {
    List<CleanEvent> corrected = new ArrayList<>(order);
    corrected.sort(CORRECTED);
    List<Object> read = readAfter(order, at);
    List<Object> expected = readAfter(corrected, at);
    return IntStream.range(0, COLUMNS.size())
        .filter(i -> !Objects.equals(read.get(i), expected.get(i)))
        .mapToObj(COLUMNS::get)
        .toList();
  }

  private static List<CleanEvent> shuffled(List<CleanEvent> events, Random random) {
    List<CleanEvent> shuffled = new ArrayList<>(events);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  private static List<String> columns(Parity... classes) {
    return IntStream.range(0, COLUMNS.size())
        .filter(i -> List.of(classes).contains(CLASSES.get(i)))
        .mapToObj(COLUMNS::get)
        .toList();
  }

  private static Instant moment(Random random) {
    long pace = (long) StrictMath.pow(10, 7 + random.nextInt(8));
    return Micros.toInstant(Micros.of(NOON) + random.nextLong(pace));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsOrderFreeIsTheSameInAnyOrderAtAnyMoment(long seed) {
    Random random = new Random(seed);
    List<CleanEvent> events = shuffled(history(random, true), random);

    assertThat(differing(events, moment(random)))
        .doesNotContainAnyElementsOf(columns(Parity.ORDER_FREE));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatGoesByEventTimeIsTheSameInAnyOrderIfNoTwoTimesAreEqual(long seed) {
    Random random = new Random(seed);
    List<CleanEvent> events = shuffled(history(random, false), random);

    assertThat(differing(events, moment(random)))
        .doesNotContainAnyElementsOf(columns(Parity.EVENT_TIME));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatGoesByEventTimeIsTheSameInTheOrderOfTheLogAlsoIfTimesAreEqual(long seed) {
    Random random = new Random(seed);
    List<CleanEvent> events = history(random, true);

    assertThat(differing(events, moment(random)))
        .doesNotContainAnyElementsOf(columns(Parity.EVENT_TIME));
  }

  @Test
  void noClassCouldPromiseMore() {
    Set<String> differedByTies = new TreeSet<>();
    Set<String> differedByLateness = new TreeSet<>();
    seeds()
        .forEach(
            seed -> {
              Random random = new Random(seed);
              List<CleanEvent> tied = shuffled(history(random, true), random);
              differedByTies.addAll(differing(tied, tied.get(0).eventTime()));
              for (List<CleanEvent> late : List.of(history(random, false), busyDay(random))) {
                differedByLateness.addAll(
                    differing(
                        shuffled(late, random), Collections.max(late, CORRECTED).eventTime()));
              }
            });

    assertThat(differedByTies).containsAll(columns(Parity.EVENT_TIME));
    assertThat(differedByLateness).containsExactlyInAnyOrderElementsOf(columns(Parity.ARRIVAL));
  }

  /** Twelve gaps are remembered; one of them may lie between an event and its session. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aSessionIsTheSameIfNoEventIsMoreThanElevenGapsLate(long seed) {
    Random random = new Random(seed);
    long most = 11 * Micros.of(EveryOperation.GAP);
    List<CleanEvent> came = new ArrayList<>();
    long clock = Micros.of(NOON);
    for (int i = 0; i < 60; i++) {
      clock += random.nextLong(2 * Micros.of(EveryOperation.GAP));
      long time = random.nextInt(3) == 0 ? clock - random.nextLong(most + 1) : clock;
      came.add(event(random, i, time));
    }
    Instant newest = Collections.max(came, CORRECTED).eventTime();

    assertThat(differing(came, newest.plus(Duration.ofMillis(random.nextInt(3_600_000)))))
        .doesNotContain("session_events", "session_duration", "buying_events");
  }

  @Test
  void anEventElevenGapsLateStillJoinsTwoSessionsAndNotAMicrosecondMore() {
    assertThat(sessionsJoined(0)).doesNotContain("session_events", "session_duration");
    assertThat(sessionsJoined(1)).contains("session_events", "session_duration");
  }

  /** One event, a session that begins more than a gap later, and last the one between them. */
  private List<String> sessionsJoined(long micros) {
    Random random = new Random(1);
    long gap = Micros.of(EveryOperation.GAP);
    long first = Micros.of(NOON);
    List<CleanEvent> came = new ArrayList<>(List.of(event(random, 0, first)));
    for (int i = 2; i < 12; i++) {
      came.add(event(random, i, first + i * gap));
    }
    Instant newest = Micros.toInstant(first + 12 * gap + micros);
    came.add(event(random, 12, Micros.of(newest) - micros));
    came.add(event(random, 13, Micros.of(newest)));
    came.add(event(random, 14, first + gap));
    return differing(came, newest);
  }

  @Test
  void whatIsDerivedIsAsWeakAsTheWeakestThatItReads() {
    FeatureSet set =
        new FeatureSet(
            "derived",
            1,
            "",
            List.of(),
            List.of(
                new Feature("events", "", new Op.Count(), null, List.of()),
                new Feature(
                    "session",
                    "",
                    new Op.Session(Duration.ofMinutes(1), List.of(Op.Session.Emit.EVENTS)),
                    null,
                    List.of())),
            List.of(
                derived("twice", "events", "events"),
                derived("share", "session_events", "twice"),
                derived("more", "share", "share")),
            "0".repeat(64));

    assertThat(Parity.ofColumns(set))
        .containsExactly(
            Parity.ORDER_FREE, Parity.ARRIVAL, Parity.ORDER_FREE, Parity.ARRIVAL, Parity.ARRIVAL);
  }

  private static Derived derived(String name, String left, String right) {
    return new Derived(
        name,
        "",
        new Arithmetic(Arithmetic.Operator.ADD, new Variable(left), new Variable(right)),
        Column.Type.DOUBLE);
  }
}

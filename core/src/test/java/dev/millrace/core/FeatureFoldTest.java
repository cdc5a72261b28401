package dev.millrace.core;

import static dev.millrace.core.Events.NOON;
import static dev.millrace.core.Events.clean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.state.UnreadableStateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureFoldTest {

  private static final FeatureSet SET = FeatureSet.USER_ACTIVITY;

  private final FeatureFold fold = new FeatureFold(SET);
  private final UserActivity activity = fold.start();

  private static Object value(FeatureVector vector, String column) {
    return vector.values().get(SET.columns().indexOf(column));
  }

  @Test
  void namesItsColumnsInDeclaredOrder() {
    assertThat(SET.columns())
        .containsExactly(
            "events_10m",
            "events_1h",
            "events_24h",
            "value_sum_10m",
            "value_sum_1h",
            "value_sum_24h",
            "products_24h",
            "since_last_event");
  }

  @Test
  void theFirstEventCountsItselfAndHasNoEarlierOne() {
    FeatureVector vector =
        fold.fold(activity, clean(1, NOON, Map.of(EventField.VALUE_MICROS, 2_500_000L)));

    assertThat(value(vector, "events_10m")).isEqualTo(1L);
    assertThat(value(vector, "value_sum_24h")).isEqualTo(2_500_000L);
    assertThat(value(vector, "since_last_event")).isNull();
  }

  @Test
  void anEventLeavesAWindowAfterItsLengthAndAtMostOneHop() {
    fold.fold(activity, clean(1, NOON, Map.of()));

    assertThat(fold.read(activity, NOON.plusSeconds(629)).get(0)).isEqualTo(1L);
    assertThat(fold.read(activity, NOON.plusSeconds(630)).get(0)).isEqualTo(0L);
  }

  @Test
  void theSameProductCountsOnceAndTheCountStopsAtTheCap() {
    FeatureVector vector = null;
    for (int i = 0; i < 200; i++) {
      vector = fold.fold(activity, clean(i, NOON, Map.of(EventField.PRODUCT_ID, "p" + i % 70)));
      assertThat(value(vector, "products_24h")).isEqualTo(Math.min(64L, Math.min(i, 69) + 1L));
    }
  }

  @Test
  void aLateEventGoesIntoItsOwnTileAndIsZeroAfterTheLastOne() {
    fold.fold(activity, clean(1, NOON, Map.of()));

    FeatureVector late = fold.fold(activity, clean(2, NOON.minusSeconds(300), Map.of()));

    assertThat(value(late, "events_10m")).isEqualTo(1L);
    assertThat(value(late, "since_last_event")).isEqualTo(0L);
    assertThat(fold.read(activity, NOON).get(0)).isEqualTo(2L);
  }

  @Test
  void sumsStayExactBeyond64BitsAndAreHeldAtTheEnds() {
    Map<EventField, Object> huge = Map.of(EventField.VALUE_MICROS, Long.MAX_VALUE);
    fold.fold(activity, clean(1, NOON, huge));
    assertThat(value(fold.fold(activity, clean(2, NOON, huge)), "value_sum_10m"))
        .isEqualTo(Long.MAX_VALUE);

    Map<EventField, Object> debt = Map.of(EventField.VALUE_MICROS, -Long.MAX_VALUE);
    fold.fold(activity, clean(3, NOON, debt));
    fold.fold(activity, clean(4, NOON, debt));
    assertThat(value(fold.fold(activity, clean(5, NOON, Map.of())), "value_sum_10m")).isEqualTo(0L);
  }

  @Test
  void whatIsRememberedIsBoundedByTheWindowsAndNotByTheEvents() {
    for (int i = 0; i < 20_000; i++) {
      fold.fold(activity, clean(i, NOON.plusSeconds(60L * i), Map.of(EventField.VALUE_MICROS, 1L)));
    }
    assertThat(activity.tileCount()).isLessThan(2 * (22 + 14 + 26) + 26);
  }

  @Test
  void theVectorsHashTellsACorruptCopy() {
    FeatureVector vector = fold.fold(activity, clean(1, NOON, Map.of()));
    List<Object> values = new ArrayList<>(vector.values());
    values.set(0, 99L);
    FeatureVector corrupt =
        new FeatureVector(
            vector.userId(),
            vector.eventId(),
            vector.eventType(),
            vector.asOf(),
            vector.receivedAt(),
            vector.late(),
            vector.origin(),
            vector.activationOffset(),
            vector.featureSet(),
            vector.featureSetVersion(),
            vector.featureSetSha256(),
            values);

    assertThat(corrupt.sha256()).isNotEqualTo(vector.sha256());
  }

  @Test
  void refusesStateOfAnotherFormatAndStateThatIsCutOff() {
    fold.fold(activity, clean(1, NOON, Map.of()));
    byte[] bytes = fold.write(activity);
    byte[] foreign = bytes.clone();
    foreign[0] = 9;

    assertThatThrownBy(() -> fold.read(foreign)).hasMessageContaining("format 9");
    assertThatThrownBy(() -> fold.read(java.util.Arrays.copyOf(bytes, bytes.length - 1)))
        .hasMessageContaining("cut off");
    assertThatThrownBy(() -> fold.read(java.util.Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("after its end");
    FeatureFold another =
        new FeatureFold(new FeatureSet(SET.name(), SET.version() + 1, SET.features()));
    assertThatThrownBy(() -> another.read(bytes)).hasMessageContaining("another feature set");
  }

  @Test
  void refusesFeaturesThatMakeNoSense() {
    Duration day = Duration.ofHours(24);
    assertThatThrownBy(() -> new Feature("f", Feature.Op.SINCE, null, List.of(day), 0))
        .hasMessageContaining("SINCE has no window");
    assertThatThrownBy(() -> new Feature("f", Feature.Op.SUM, null, List.of(day), 0))
        .hasMessageContaining("fold a field");
    assertThatThrownBy(() -> new Feature("f", Feature.Op.DISTINCT, EventField.IP, List.of(day), 0))
        .hasMessageContaining("cap");
    assertThatThrownBy(
            () -> new Feature("f", Feature.Op.COUNT, null, List.of(Duration.ofSeconds(11)), 0))
        .hasMessageContaining("at least 12 s");
    Feature count = new Feature("f", Feature.Op.COUNT, null, List.of(day), 0);
    assertThatThrownBy(() -> new FeatureSet("s", 1, List.of(count, count)))
        .hasMessageContaining("share a name");
  }

  @Test
  void windowsAreCutByTheLargestHopThatDividesThemAndIsATwelfthAtMost() {
    assertThat(Hop.of(Duration.ofMinutes(10))).isEqualTo(Duration.ofSeconds(30));
    assertThat(Hop.of(Duration.ofHours(1))).isEqualTo(Duration.ofMinutes(5));
    assertThat(Hop.of(Duration.ofHours(24))).isEqualTo(Duration.ofHours(1));
    assertThat(Hop.of(Duration.ofDays(7))).isEqualTo(Duration.ofHours(6));
    assertThat(Hop.of(Duration.ofDays(30))).isEqualTo(Duration.ofDays(1));
    assertThat(Hop.of(Duration.ofSeconds(12))).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void windowsAreNamedInTheirLargestWholeUnit() {
    assertThat(Feature.text(Duration.ofSeconds(90))).isEqualTo("90s");
    assertThat(Feature.text(Duration.ofMinutes(90))).isEqualTo("90m");
    assertThat(Feature.text(Duration.ofHours(24))).isEqualTo("24h");
    assertThat(Feature.text(Duration.ofDays(7))).isEqualTo("7d");
  }

  static LongStream seeds() {
    return LongStream.range(0, 30);
  }

  /** The obvious twin: all events in a list, a loop for every reading. */
  private static final class ObviousActivity {

    private final List<CleanEvent> events = new ArrayList<>();

    List<Object> fold(CleanEvent event) {
      Instant before = watermark();
      events.add(event);
      Instant t = event.eventTime();
      List<Object> values = new ArrayList<>();
      for (Duration window :
          List.of(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(24))) {
        values.add((long) in(window, t).size());
      }
      for (Duration window :
          List.of(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(24))) {
        values.add(
            in(window, t).stream()
                .map(e -> e.content().number(EventField.VALUE_MICROS))
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum());
      }
      values.add(
          Math.min(
              64L,
              in(Duration.ofHours(24), t).stream()
                  .map(e -> e.content().text(EventField.PRODUCT_ID))
                  .filter(Objects::nonNull)
                  .distinct()
                  .count()));
      values.add(before == null ? null : Math.max(0, Micros.of(t) - Micros.of(before)));
      return values;
    }

    private Instant watermark() {
      return events.stream().map(CleanEvent::eventTime).max(Instant::compareTo).orElse(null);
    }

    private List<CleanEvent> in(Duration window, Instant t) {
      long hop = Micros.of(Hop.of(window));
      long from =
          Math.max(
              Math.floorDiv(Micros.of(t.minus(window)), hop),
              Math.floorDiv(Micros.of(watermark().minus(window)), hop));
      long to = Math.floorDiv(Micros.of(t), hop);
      return events.stream()
          .filter(
              e -> {
                long tile = Math.floorDiv(Micros.of(e.eventTime()), hop);
                return from <= tile && tile <= to;
              })
          .toList();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void agreesWithTheObviousTwinOnRandomHistoriesAlsoWhenTheStateIsKeptInBytes(long seed) {
    Random random = new Random(seed);
    ObviousActivity twin = new ObviousActivity();
    byte[] kept = fold.write(fold.start());
    Instant clock = NOON;
    int pace = 1 + random.nextInt(3_600);

    for (int i = 0; i < 300; i++) {
      clock = clock.plusMillis(random.nextInt(pace * 1_000));
      Instant time =
          random.nextInt(5) == 0 ? clock.minusSeconds(random.nextInt(2 * 86_400)) : clock;
      Map<EventField, Object> more =
          random.nextBoolean()
              ? Map.of()
              : Map.of(
                  EventField.PRODUCT_ID,
                  "p" + random.nextInt(100),
                  EventField.VALUE_MICROS,
                  random.nextLong(-1_000_000_000L, 1_000_000_000L));
      CleanEvent event = clean(i, time, more);

      UserActivity restored = fold.read(kept);
      FeatureVector vector = fold.fold(restored, event);
      kept = fold.write(restored);

      assertThat(vector.values()).as("event %d", i).isEqualTo(twin.fold(event));
    }
  }
}

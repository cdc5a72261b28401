package dev.millrace.core.features;

import static dev.millrace.core.Events.NOON;
import static dev.millrace.core.Events.clean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventField;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.expression.Expression;
import dev.millrace.core.expression.Expression.Arithmetic;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Variable;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.core.state.UnreadableStateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureFoldTest {

  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
  private static final Duration DAY = Duration.ofHours(24);
  private static final Input VALUE = new Input("value_micros", Input.Type.MICROS);
  private static final Input PRODUCT = new Input("product_id", Input.Type.STRING);

  private static FeatureSet setOf(Feature... features) {
    return setOf(List.of(), features);
  }

  private static FeatureSet setOf(List<Derived> derived, Feature... features) {
    return new FeatureSet(
        "test", 1, "", List.of(), List.of(features), derived, "0123456789abcdef".repeat(4));
  }

  private static Feature feature(String name, Op op, Duration... windows) {
    return new Feature(name, "", op, null, List.of(windows));
  }

  private static FeatureFold foldOf(Op op, Duration... windows) {
    return new FeatureFold(setOf(feature("x", op, windows)));
  }

  private static Object value(FeatureVector vector) {
    return vector.values().get(0);
  }

  private static byte[] bytes(FeatureFold fold, UserActivity activity) {
    StateOutput out = new StateOutput(0);
    fold.write(activity, out);
    return out.toBytes();
  }

  private static UserActivity read(FeatureFold fold, byte[] bytes) {
    return fold.read(new StateInput(bytes, "A state"));
  }

  // Windows

  @Test
  void anEventLeavesAWindowAfterItsLengthAndAtMostOneHop() {
    FeatureFold fold = foldOf(new Op.Count(), TEN_MINUTES);
    UserActivity activity = fold.start();
    fold.fold(activity, clean(1, NOON, Map.of()));

    assertThat(fold.read(activity, NOON.plusSeconds(629)).get(0)).isEqualTo(1L);
    assertThat(fold.read(activity, NOON.plusSeconds(630)).get(0)).isEqualTo(0L);
  }

  @Test
  void aLateEventGoesIntoItsOwnTile() {
    FeatureFold fold = foldOf(new Op.Count(), TEN_MINUTES);
    UserActivity activity = fold.start();
    fold.fold(activity, clean(1, NOON, Map.of()));

    FeatureVector late = fold.fold(activity, clean(2, NOON.minusSeconds(300), Map.of()));

    assertThat(value(late)).isEqualTo(1L);
    assertThat(fold.read(activity, NOON).get(0)).isEqualTo(2L);
  }

  @Test
  void whatIsRememberedIsBoundedByTheWindowsAndNotByTheEvents() {
    FeatureFold fold =
        foldOf(new Op.Sum(VALUE), TEN_MINUTES, Duration.ofHours(1), DAY, Duration.ofDays(30));
    UserActivity activity = fold.start();
    for (int i = 0; i < 20_000; i++) {
      fold.fold(activity, clean(i, NOON.plusSeconds(60L * i), Map.of(EventField.VALUE_MICROS, 1L)));
    }

    assertThat(activity.tileCount()).isLessThanOrEqualTo(21 + 13 + 25 + 31);
    assertThat(bytes(fold, activity).length).isLessThan((int) fold.greatestBytes());
  }

  @Test
  void aTotalIsKeptOfAWindowWhileMoreThanFourTilesLieInIt() {
    FeatureFold fold = foldOf(new Op.Count(), DAY);
    UserActivity activity = fold.start();
    for (int hour = 0; hour < 5; hour++) {
      assertThat(activity.row(0).total(0)).isNull();
      fold.fold(activity, clean(hour, NOON.plus(Duration.ofHours(hour)), Map.of()));
    }
    assertThat(activity.row(0).total(0)).isNotNull();

    FeatureVector late = fold.fold(activity, clean(5, NOON.plusSeconds(3_600), Map.of()));
    FeatureVector next = fold.fold(activity, clean(6, NOON.plus(Duration.ofHours(4)), Map.of()));
    assertThat(List.of(value(late), value(next))).containsExactly(3L, 7L);

    FeatureVector later = fold.fold(activity, clean(7, NOON.plus(Duration.ofHours(27)), Map.of()));
    assertThat(value(later)).isEqualTo(4L);
    assertThat(activity.row(0).total(0)).isNull();
  }

  @Test
  void aStateThatWasReadHasItsTotalsAgainAfterTheNextEvent() {
    FeatureFold fold = foldOf(new Op.Distinct(PRODUCT, 64), DAY);
    UserActivity activity = fold.start();
    for (int hour = 0; hour < 20; hour++) {
      Instant time = NOON.plus(Duration.ofHours(hour));
      fold.fold(activity, clean(hour, time, Map.of(EventField.PRODUCT_ID, "p" + hour)));
    }
    UserActivity restarted = read(fold, bytes(fold, activity));
    assertThat(restarted.row(0).total(0)).isNull();
    assertThat(fold.read(restarted, NOON)).isEqualTo(fold.read(activity, NOON));

    CleanEvent event = clean(20, NOON.plus(Duration.ofHours(30)), Map.of());
    assertThat(fold.fold(restarted, event)).isEqualTo(fold.fold(activity, event));
    assertThat(restarted.row(0).total(0)).isNotNull();
    assertThat(bytes(fold, restarted)).isEqualTo(bytes(fold, activity));
  }

  @Test
  void windowsAreCutByTheLargestHopThatDividesThemAndIsATwelfthAtMost() {
    assertThat(Hop.of(TEN_MINUTES)).isEqualTo(Duration.ofSeconds(30));
    assertThat(Hop.of(Duration.ofHours(1))).isEqualTo(Duration.ofMinutes(5));
    assertThat(Hop.of(DAY)).isEqualTo(Duration.ofHours(1));
    assertThat(Hop.of(Duration.ofDays(7))).isEqualTo(Duration.ofHours(6));
    assertThat(Hop.of(Duration.ofDays(30))).isEqualTo(Duration.ofDays(1));
    assertThat(Hop.of(Duration.ofSeconds(12))).isEqualTo(Duration.ofSeconds(1));
    assertThat(Feature.refusal(Duration.ofSeconds(11)))
        .isEqualTo("No tile size fits the window 11s; use whole seconds, at least 12 s");
    assertThat(Feature.refusal(DAY)).isNull();
  }

  @Test
  void windowsAreNamedInTheirLargestWholeUnit() {
    assertThat(Feature.text(Duration.ofSeconds(90))).isEqualTo("90s");
    assertThat(Feature.text(Duration.ofMinutes(90))).isEqualTo("90m");
    assertThat(Feature.text(DAY)).isEqualTo("24h");
    assertThat(Feature.text(Duration.ofDays(7))).isEqualTo("7d");
  }

  @Test
  void timesBeyondNineThousandYearsAreTakenAsThat() {
    FeatureFold fold = foldOf(new Op.Since());
    UserActivity activity = fold.start();
    Instant first = Instant.parse("-100000-01-01T00:00:00Z");
    fold.fold(activity, clean(1, first, Map.of()));

    FeatureVector last =
        fold.fold(activity, clean(2, Instant.parse("+100000-01-01T00:00:00Z"), Map.of()));

    assertThat(value(last)).isEqualTo(1L << 59);
  }

  // Values

  @Test
  void sumsStayExactBeyond64BitsAndAreHeldAtTheEnds() {
    FeatureFold fold = foldOf(new Op.Sum(VALUE), TEN_MINUTES);
    UserActivity activity = fold.start();
    Map<EventField, Object> huge = Map.of(EventField.VALUE_MICROS, Long.MAX_VALUE);
    fold.fold(activity, clean(1, NOON, huge));
    assertThat(value(fold.fold(activity, clean(2, NOON, huge)))).isEqualTo(Long.MAX_VALUE);

    Map<EventField, Object> debt = Map.of(EventField.VALUE_MICROS, -Long.MAX_VALUE);
    fold.fold(activity, clean(3, NOON, debt));
    fold.fold(activity, clean(4, NOON, debt));
    assertThat(value(fold.fold(activity, clean(5, NOON, Map.of())))).isEqualTo(0L);
    for (int i = 0; i < 3; i++) {
      fold.fold(activity, clean(6 + i, NOON, debt));
    }
    assertThat(fold.read(activity, NOON).get(0)).isEqualTo(Long.MIN_VALUE);
  }

  static LongStream seeds() {
    return LongStream.range(0, 12);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theEstimateOfDifferentValuesIsWithinFiveSigma(long seed) {
    FeatureFold fold = foldOf(new Op.DistinctApprox(PRODUCT));
    UserActivity activity = fold.start();
    Random random = new Random(seed);
    int different = 1 + random.nextInt(1 << (4 + seed));
    for (int i = 0; i < different; i++) {
      fold.fold(activity, clean(i, NOON, Map.of(EventField.PRODUCT_ID, "p-" + seed + "-" + i)));
    }
    long estimate = (long) fold.read(activity, NOON).get(0);

    assertThat((double) estimate).isBetween(different * 0.835 - 0.5, different * 1.165 + 0.5);
    // The same values again, in another order, change nothing.
    for (int i = different - 1; i >= 0; i -= 3) {
      fold.fold(activity, clean(i, NOON, Map.of(EventField.PRODUCT_ID, "p-" + seed + "-" + i)));
    }
    assertThat(fold.read(activity, NOON).get(0)).isEqualTo(estimate);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aQuantileIsWithinTheWidthOfItsBucketOfTheExactOne(long seed) {
    FeatureFold fold = foldOf(new Op.Quantile(VALUE, 900_000));
    UserActivity activity = fold.start();
    Random random = new Random(seed);
    long[] values = new long[1 + random.nextInt(500)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextLong() >> random.nextInt(64);
      fold.fold(activity, clean(i, NOON, Map.of(EventField.VALUE_MICROS, values[i])));
    }
    Arrays.sort(values);
    double exact = values[(int) Math.ceil(values.length * 0.9) - 1];

    assertThat((double) (long) fold.read(activity, NOON).get(0))
        .isBetween(exact - Math.abs(exact) / 31, exact + Math.abs(exact) / 31);
  }

  @Test
  void aLongTextIsRememberedUpToABoundAndCutAtACharacter() {
    FeatureFold fold = foldOf(new Op.Last(PRODUCT));
    UserActivity activity = fold.start();
    String text = "x" + "ü".repeat(300);

    FeatureVector vector = fold.fold(activity, clean(1, NOON, Map.of(EventField.PRODUCT_ID, text)));

    assertThat(value(vector)).isEqualTo("x" + "ü".repeat(127));
  }

  @Test
  void aDerivedColumnWithoutAFiniteValueIsNull() {
    List<Derived> derived =
        List.of(
            derived("divided", "DIVIDE", new Constant(0.0)),
            derived("missing", "ADD", new Variable("last")),
            derived("fine", "MULTIPLY", new Constant(2.5)));
    FeatureFold fold =
        new FeatureFold(
            setOf(derived, feature("events", new Op.Count()), feature("last", new Op.Last(VALUE))));
    UserActivity activity = fold.start();

    assertThat(fold.fold(activity, clean(1, NOON, Map.of())).values())
        .containsExactly(1L, null, null, null, 2.5);
    assertThat(fold.fold(activity, clean(2, NOON, Map.of(EventField.VALUE_MICROS, 3L))).values())
        .containsExactly(2L, 3L, null, 5.0, 5.0);
  }

  private static Derived derived(String name, String operator, Expression right) {
    return new Derived(
        name,
        "",
        new Arithmetic(Arithmetic.Operator.valueOf(operator), new Variable("events"), right),
        Column.Type.DOUBLE);
  }

  @Test
  void theVectorsHashTellsACorruptCopy() {
    FeatureFold fold = foldOf(new Op.Count());
    FeatureVector vector = fold.fold(fold.start(), clean(1, NOON, Map.of()));
    List<Object> values = new ArrayList<>(vector.values());
    values.set(0, 99L);

    assertThat(CanonicalHash.start().add(vector.featureSetSha256()).add(values).hex())
        .isNotEqualTo(vector.sha256());
  }

  // Bytes

  @Test
  void refusesStateOfAnotherFormatOrSetAndStateThatIsCutOff() {
    FeatureFold fold = new FeatureFold(EveryOperation.set());
    UserActivity activity = fold.start();
    for (int i = 0; i < 20; i++) {
      fold.fold(
          activity,
          clean(
              i,
              NOON.plusSeconds(400L * i),
              Map.of(EventField.VALUE_MICROS, 5L, EventField.PRODUCT_ID, "p" + i)));
    }
    byte[] bytes = bytes(fold, activity);
    byte[] foreign = bytes.clone();
    foreign[0] = 9;
    FeatureFold another = foldOf(new Op.Count());
    FeatureSet changed =
        new FeatureSet(
            "test",
            1,
            "",
            List.of(),
            List.of(feature("x", new Op.Count())),
            List.of(),
            "f".repeat(64));

    assertThatThrownBy(() -> read(fold, foreign)).hasMessageContaining("format 9");
    assertThatThrownBy(() -> read(fold, Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("after its end");
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(fold, cut)).isInstanceOf(UnreadableStateException.class);
    }
    assertThatThrownBy(() -> read(new FeatureFold(changed), bytes(another, another.start())))
        .hasMessageContaining("A state was written by another set than test@1, sha256 ")
        .hasMessageEndingWith("; read it with the set that wrote it, or rebuild it");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void damagedBytesAreUnreadableOrAnotherState(long seed) {
    FeatureFold fold = new FeatureFold(EveryOperation.set());
    UserActivity activity = fold.start();
    Random random = new Random(seed);
    for (int i = 0; i < 30; i++) {
      CleanEvent event =
          clean(
              i,
              NOON.plusSeconds(random.nextInt(100_000)),
              Map.of(EventField.VALUE_MICROS, random.nextLong(), EventField.COUNTRY, "DE"));
      fold.fold(activity, event);
    }
    byte[] bytes = bytes(fold, activity);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        fold.read(read(fold, damaged), NOON);
      } catch (UnreadableStateException e) {
        assertThat(e).hasMessageContaining("state");
      }
    }
  }

  @Test
  void refusesColumnsThatShareAName() {
    Feature count = feature("f", new Op.Count(), DAY);
    assertThatThrownBy(() -> setOf(count, count)).hasMessageContaining("share a name");
    assertThatThrownBy(() -> feature("f", new Op.Since(), DAY))
        .hasMessageContaining("have no windows");
  }
}

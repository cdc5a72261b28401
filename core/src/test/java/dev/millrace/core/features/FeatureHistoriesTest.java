package dev.millrace.core.features;

import static dev.millrace.core.Events.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Events;
import dev.millrace.core.Micros;
import dev.millrace.core.Origin;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of a user, folded by a set that uses every operation and window, against a twin
 * that keeps all events in a list. A build folds 100 000 of them; {@code -Dmillrace.histories=N}
 * runs N hundreds. A failure names its seed, and the seed replays it.
 */
class FeatureHistoriesTest {

  private static final int HUNDREDS = Integer.getInteger("millrace.histories", 1_000);
  private static final int BATCHES = 50;
  private static final List<String> COLUMNS = EveryOperation.set().columnNames();

  private final FeatureFold fold = new FeatureFold(EveryOperation.set());

  static LongStream batches() {
    return LongStream.range(0, BATCHES);
  }

  /** Times that repeat, run late, stand still or leap; values that are absent or extreme. */
  private static List<CleanEvent> history(Random random) {
    int events =
        random.nextInt(500) == 0
            ? 100 + random.nextInt(50)
            : random.nextInt(50) == 0 ? 15 + random.nextInt(45) : 1 + random.nextInt(10);
    long pace = (long) StrictMath.pow(10, 1 + random.nextInt(12));
    int late = 1 + random.nextInt(8);
    List<CleanEvent> history = new ArrayList<>();
    long clock = Micros.of(NOON);
    for (int i = 0; i < events; i++) {
      clock += random.nextInt(6) == 0 ? random.nextLong(40 * pace) : random.nextLong(pace);
      long time = clock;
      if (random.nextInt(late) == 0) {
        time -= random.nextLong(20 * pace);
      } else if (random.nextInt(5) == 0 && i > 0) {
        time = Micros.of(history.get(random.nextInt(i)).eventTime());
      } else if (random.nextInt(5) == 0) {
        time = Math.floorDiv(time, 3_600_000_000L) * 3_600_000_000L - random.nextInt(2);
      }
      history.add(event(random, i, Micros.toInstant(time)));
    }
    return history;
  }

  private static CleanEvent event(Random random, int number, Instant time) {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    fields.put(
        EventField.EVENT_TYPE,
        List.of("view", "purchase", "login_failed", "logout").get(random.nextInt(4)));
    if (random.nextInt(4) > 0) {
      fields.put(EventField.VALUE_MICROS, random.nextLong() >> random.nextInt(64));
    }
    if (random.nextInt(3) > 0) {
      fields.put(EventField.QUANTITY, random.nextLong() >> random.nextInt(64));
    }
    if (random.nextInt(3) > 0) {
      fields.put(EventField.COUNTRY, List.of("DE", "FR", "Österreich").get(random.nextInt(3)));
    }
    if (random.nextInt(3) > 0) {
      fields.put(EventField.PRODUCT_ID, "p" + random.nextInt(12));
    }
    Map<String, Object> attributes = new TreeMap<>();
    if (random.nextInt(3) > 0) {
      attributes.put("rating", random.nextInt(10) / 2.0);
    }
    if (random.nextInt(3) > 0) {
      attributes.put("member", random.nextBoolean());
    }
    return new CleanEvent(
        "ann",
        "e-" + number,
        false,
        time,
        time,
        false,
        new Origin(Events.TOPIC_ID, 0, number),
        "web",
        0,
        new EventContent(fields, new TreeMap<>(attributes)),
        List.of());
  }

  private byte[] bytes(UserActivity activity) {
    StateOutput out = new StateOutput(0);
    fold.write(activity, out);
    assertThat(out.length()).isLessThanOrEqualTo((int) fold.greatestBytes());
    return out.toBytes();
  }

  private FoldedEvent writtenAndRead(FoldedEvent event) {
    StateOutput out = new StateOutput(0);
    fold.writeChange(event, out);
    return fold.readChange(new StateInput(out.toBytes(), "A change"));
  }

  @ParameterizedTest(name = "batch {0}")
  @MethodSource("batches")
  void theFoldAgreesWithTheObviousTwinAlsoAfterARestartAtAnyPoint(long batch) {
    for (long i = 0; i < HUNDREDS * 100L / BATCHES; i++) {
      long seed = batch << 32 | i;
      Random random = new Random(seed);
      List<CleanEvent> history = history(random);
      int restart = random.nextInt(history.size());
      // The one that goes on, and from the restart on the one that was read from its bytes.
      List<UserActivity> activities = new ArrayList<>(List.of(fold.start()));
      ObviousFeatures twin = new ObviousFeatures();

      for (int n = 0; n < history.size(); n++) {
        CleanEvent event = history.get(n);
        // A restart folds what the changelog kept of an event.
        FoldedEvent folded = n % 3 == 0 ? writtenAndRead(fold.take(event)) : fold.take(event);
        List<Object> expected = twin.fold(event);
        for (UserActivity activity : activities) {
          fold.apply(activity, folded);
          requireEqual(seed, n, fold.vector(activity, event, folded).values(), expected);
        }
        if (n == restart) {
          activities.add(fold.read(new StateInput(bytes(activities.get(0)), "A state")));
        }
        if (random.nextInt(4) == 0) {
          requireEqual(seed, n, activities, twin, moment(random, event.eventTime()));
        }
      }
      requireEqual(seed, -1, activities, twin, moment(random, NOON));
      assertThat(bytes(activities.get(1))).as("seed %d", seed).isEqualTo(bytes(activities.get(0)));
    }
  }

  /** Before the time or behind it, by microseconds or by months. */
  private static Instant moment(Random random, Instant time) {
    long distance = random.nextLong((long) StrictMath.pow(10, 6 + random.nextInt(8)));
    return Micros.toInstant(Micros.of(time) + (random.nextInt(3) == 0 ? -distance : distance));
  }

  private void requireEqual(
      long seed, int event, List<UserActivity> activities, ObviousFeatures twin, Instant at) {
    List<Object> expected = twin.at(Micros.of(at));
    activities.forEach(activity -> requireEqual(seed, event, fold.read(activity, at), expected));
  }

  private static void requireEqual(
      long seed, int event, List<Object> values, List<Object> expected) {
    if (!values.equals(expected)) {
      for (int i = 0; i < COLUMNS.size(); i++) {
        assertThat(values.get(i))
            .as("seed %d, event %d, %s", seed, event, COLUMNS.get(i))
            .isEqualTo(expected.get(i));
      }
      assertThat(values).hasSameSizeAs(expected);
    }
  }
}

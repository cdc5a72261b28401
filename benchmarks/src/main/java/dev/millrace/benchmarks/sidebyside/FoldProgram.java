package dev.millrace.benchmarks.sidebyside;

import com.sun.management.OperatingSystemMXBean;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.streams.UserStateStore;
import dev.millrace.streams.UserStates;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Folds events in memory, as the features stage does between Kafka and Kafka: what the set takes of
 * the event, the state in the real store, the change for the changelog, the vector.
 */
final class FoldProgram {

  private static final Instant START = Instant.parse("2026-01-05T00:00:00Z");
  private static final Origin ORIGIN = new Origin("raw", 0, 0);
  private static final int CONTENTS = 4_096;

  private final FeatureFold fold;
  private final int users;
  private final long stepNanos;
  private final Random random = new Random(1);
  private final List<EventContent> contents = new ArrayList<>();
  private final UserStateStore<UserActivity, FoldedEvent> activities;
  private long sent;
  private long checked;

  private FoldProgram(FeatureFold fold, int users, Duration gap) {
    this.fold = fold;
    this.activities = new UserStates<>("activity", fold).withLoggingDisabled().build();
    this.users = users;
    this.stepNanos = Math.max(1_000, gap.toNanos() / users);
    for (int i = 0; i < CONTENTS; i++) {
      contents.add(content(i));
    }
  }

  /**
   * Arguments: a feature set's file, users, the time between two events of one user as ISO 8601,
   * events to fold before measuring, events to measure.
   */
  public static void main(String[] args) throws IOException {
    FeatureFold fold =
        new FeatureFold(
            FeatureSetDeclaration.compile(args[0], Files.readString(Path.of(args[0]))).set());
    FoldProgram program = new FoldProgram(fold, Integer.parseInt(args[1]), Duration.parse(args[2]));
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    program.fold(Integer.parseInt(args[3]));
    int events = Integer.parseInt(args[4]);
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    program.fold(events);
    double wall = (System.nanoTime() - start) / 1e3 / events;
    double taken = (system.getProcessCpuTime() - cpu) / 1e3 / events;
    System.out.println(
        Programs.text(
            Map.of(
                "cpu",
                taken,
                "wall",
                wall,
                "checked",
                (double) program.checked,
                "users",
                (double) program.activities.size())));
  }

  private EventContent content(int number) {
    EventContent.Builder content =
        new EventContent.Builder()
            .put(EventField.EVENT_TYPE, random.nextInt(5) == 0 ? "purchase" : "product_view")
            .put(EventField.COUNTRY, "C" + random.nextInt(3))
            .put(EventField.PRODUCT_ID, "product-" + random.nextInt(500))
            .put(EventField.QUANTITY, (long) number % 7)
            .put(EventField.VALUE_MICROS, (long) random.nextInt(100_000_000))
            .put(EventField.DURATION_MICROS, (long) random.nextInt(60_000_000));
    return content.build();
  }

  private void fold(int events) {
    for (int i = 0; i < events; i++) {
      CleanEvent event = event();
      FoldedEvent folded = fold.take(event);
      activities.apply(event.userId(), folded);
      FeatureVector vector = fold.vector(activities.state(event.userId()), event, folded);
      // Used, so that nothing of it is left out.
      checked += vector.values().size();
    }
  }

  private CleanEvent event() {
    Instant time = START.plus(sent * stepNanos / 1_000, ChronoUnit.MICROS);
    EventContent content = contents.get((int) (sent % CONTENTS));
    // A text of its own, as each record brings.
    String user = "user-" + random.nextInt(users);
    sent++;
    return new CleanEvent(
        user, "event", false, time, time, false, ORIGIN, "default", 0, content, List.of());
  }
}

package dev.millrace.benchmarks.sidebyside;

import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.FeatureSets;
import dev.millrace.streams.UserStateStore;
import dev.millrace.streams.UserStates;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Folds a month of the generator's events, and tells how large the states have become. */
final class StateProgram {

  private static final int COLLECTIONS = 3;

  private StateProgram() {}

  /** Arguments: the tree's root, users, events. */
  public static void main(String[] args) {
    int events = Integer.parseInt(args[2]);
    Slices slices = new Slices(1, events, Integer.parseInt(args[1]));
    CleanEvents cleansing = new CleanEvents(Path.of(args[0]), ActivationTimeline.NONE);
    List<Slices.Line> lines = slices.next();
    FeatureFold fold = new FeatureFold(FeatureSets.userActivity());

    long before = used();
    UserStateStore<UserActivity, FoldedEvent> activities =
        new UserStates<>("activity", fold).withLoggingDisabled().build();
    Set<String> users = new HashSet<>();
    long changeBytes = 0;
    // Everything else that lives on: ledgers of the cleansing, counted below without the states.
    for (Slices.Line line : lines) {
      CleanEvent event = cleansing.event(line);
      FoldedEvent folded = fold.take(event);
      users.add(line.user());
      // A text of its own, as each record brings: the store keeps the first.
      activities.apply(String.valueOf(line.user().toCharArray()), folded);
      StateOutput change = new StateOutput(128);
      fold.writeChange(folded, change);
      changeBytes += change.length();
    }
    long written = 0;
    long largest = 0;
    for (String user : users) {
      StateOutput out = new StateOutput(1_024);
      fold.write(activities.state(user), out);
      written += out.length();
      largest = Math.max(largest, out.length());
    }
    long withStates = used();
    activities.close();
    long without = used();
    System.out.println(
        Programs.text(
            Map.of(
                "users",
                (double) users.size(),
                "heap",
                (double) (withStates - without) / users.size(),
                "written",
                (double) written / users.size(),
                "largest",
                (double) largest,
                "change",
                (double) changeBytes / events,
                "events",
                (double) events / users.size(),
                "grown",
                (double) (without - before),
                "lines",
                (double) lines.size())));
  }

  private static long used() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}

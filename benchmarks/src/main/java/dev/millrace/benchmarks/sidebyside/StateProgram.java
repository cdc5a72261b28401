package dev.millrace.benchmarks.sidebyside;

import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.FeatureSets;
import dev.millrace.streams.UserStateStore;
import dev.millrace.streams.UserStates;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Folds a month of the generator's events, and tells how large the states have become. */
final class StateProgram {

  private static final int COLLECTIONS = 3;

  private StateProgram() {}

  /**
   * The states, and what was told of them on the way.
   *
   * @param written bytes of all states, written whole
   * @param largest of them
   * @param change bytes of all changes
   */
  private record Filled(
      UserStateStore<UserActivity, FoldedEvent> activities,
      int users,
      long written,
      long largest,
      long change) {}

  /** Arguments: the tree's root, users, events. */
  public static void main(String[] args) {
    int events = Integer.parseInt(args[2]);
    // In a method of its own, so that nothing but the states is left of it.
    Filled filled = fill(Path.of(args[0]), Integer.parseInt(args[1]), events);
    long withStates = used();
    filled.activities().close();
    long without = used();
    double users = filled.users();
    System.out.println(
        Programs.text(
            Map.of(
                "users",
                users,
                "heap",
                (withStates - without) / users,
                "written",
                filled.written() / users,
                "largest",
                (double) filled.largest(),
                "change",
                (double) filled.change() / events,
                "events",
                events / users)));
  }

  private static Filled fill(Path root, int users, int events) {
    Slices slices = new Slices(1, events, users);
    CleanEvents cleansing = new CleanEvents(root, ActivationTimeline.NONE);
    FeatureFold fold = new FeatureFold(FeatureSets.userActivity());
    UserStateStore<UserActivity, FoldedEvent> activities =
        new UserStates<>("activity", fold).withLoggingDisabled().build();
    Set<String> active = new HashSet<>();
    long changeBytes = 0;
    for (Slices.Line line : slices.next()) {
      FoldedEvent folded = fold.take(cleansing.event(line));
      active.add(line.user());
      // A text of its own, as each record brings: the store keeps the first.
      activities.apply(String.valueOf(line.user().toCharArray()), folded);
      StateOutput change = new StateOutput(128);
      fold.writeChange(folded, change);
      changeBytes += change.length();
    }
    long written = 0;
    long largest = 0;
    for (String user : active) {
      StateOutput out = new StateOutput(1_024);
      fold.write(activities.state(user), out);
      written += out.length();
      largest = Math.max(largest, out.length());
    }
    return new Filled(activities, active.size(), written, largest, changeBytes);
  }

  private static long used() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}

package dev.millrace.benchmarks.sidebyside;

import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.FeatureSets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    Map<String, UserActivity> activities = new HashMap<>();
    long changeBytes = 0;
    // Everything else that lives on: ledgers of the cleansing, counted below without the states.
    for (Slices.Line line : lines) {
      CleanEvent event = cleansing.event(line);
      FoldedEvent folded = fold.take(event);
      fold.apply(activities.computeIfAbsent(line.user(), user -> fold.start()), folded);
      StateOutput change = new StateOutput(128);
      fold.writeChange(folded, change);
      changeBytes += change.length();
    }
    long written = 0;
    long largest = 0;
    for (UserActivity activity : activities.values()) {
      StateOutput out = new StateOutput(1_024);
      fold.write(activity, out);
      written += out.length();
      largest = Math.max(largest, out.length());
    }
    int users = activities.size();
    long withStates = used();
    activities.clear();
    long without = used();
    System.out.println(
        Programs.text(
            Map.of(
                "users",
                (double) users,
                "heap",
                (double) (withStates - without) / users,
                "written",
                (double) written / users,
                "largest",
                (double) largest,
                "change",
                (double) changeBytes / events,
                "events",
                (double) events / users,
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

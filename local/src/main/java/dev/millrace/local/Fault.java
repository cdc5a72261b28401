package dev.millrace.local;

import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;

/** What can befall the workers of the sink, its topics and its tables. */
enum Fault implements Disturbance {
  KILL("kill -9", WorkerKills::atAnyMoment),
  KILL_BEFORE_COMMIT("killed between Parquet and commit", WorkerKills::beforeCommit),
  KILL_AFTER_COMMIT("killed between commit and offsets", WorkerKills::afterCommit),
  SLEEP("slept past its session", WorkerSleeps::atAnyMoment),
  SLEEP_BEFORE_COMMIT(
      "slept between Parquet and commit", (trial, random) -> WorkerSleeps.beforeCommit(trial)),
  SCALE("workers 1-2-1", (trial, random) -> oneTwoOne(trial)),
  RECREATE("topic deleted and created", TopicRecreation::happen),
  COMPACT("compacted by Spark", Compaction::happen);

  static final List<Disturbance> ALL = List.of(values());

  private final String title;
  private final BiConsumer<SinkTrial, Random> action;

  Fault(String title, BiConsumer<SinkTrial, Random> action) {
    this.title = title;
    this.action = action;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public void happen(SinkTrial trial, Random random) {
    action.accept(trial, random);
  }

  private static void oneTwoOne(SinkTrial trial) {
    trial.workers().shrink();
    trial.tasks().settle();
    trial.workers().grow();
    trial.tasks().settle();
    trial.workers().shrink();
    trial.say("workers were 1, 2 and 1");
  }
}

package dev.millrace.local;

import java.util.List;
import java.util.Random;

/** Ways in which a worker is killed; those that are left take its tasks, or another starts. */
final class WorkerKills {

  private WorkerKills() {}

  static void atAnyMoment(SinkTrial trial, Random random) {
    List<SinkWorker> alive = trial.workers().alive();
    SinkWorker worker = alive.get(random.nextInt(alive.size()));
    worker.process().kill();
    trial.say("%s was killed by kill -9".formatted(worker));
    replace(trial, random);
  }

  static void beforeCommit(SinkTrial trial, Random random) {
    halt(trial, random, FaultOrders.HALT_BEFORE, "between its Parquet files and the Delta commit");
  }

  static void afterCommit(SinkTrial trial, Random random) {
    halt(
        trial,
        random,
        FaultOrders.HALT_AFTER,
        "between its Delta commit and the commit of offsets");
  }

  private static void halt(SinkTrial trial, Random random, String order, String when) {
    SinkWorkers workers = trial.workers();
    List<SinkWorker> before = workers.alive();
    trial.orders().give(order, "");
    trial
        .patience()
        .await("a worker commits and halts", () -> workers.alive().size() < before.size());
    List<SinkWorker> left = workers.alive();
    before.stream()
        .filter(worker -> !left.contains(worker))
        .forEach(worker -> trial.say("%s was killed %s".formatted(worker, when)));
    trial.orders().forget(order);
    replace(trial, random);
  }

  private static void replace(SinkTrial trial, Random random) {
    boolean another = random.nextBoolean();
    if (another || trial.workers().alive().isEmpty()) {
      trial.workers().startReady();
    }
  }
}

package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import java.util.List;
import java.util.Random;

/** Spark compacts the tables, in a process of its own, while the sink commits to them. */
final class Compaction {

  private static final List<String> JVM =
      List.of("-Xmx512m", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int TOLD_LINES = 5;

  private Compaction() {}

  /**
   * Sometimes a worker holds a commit in its hands until Spark has ended, so that the version it
   * was about to take is gone.
   */
  static void happen(SinkTrial trial, Random random) {
    boolean held = random.nextBoolean();
    FaultOrders orders = trial.orders();
    if (held) {
      orders.give(FaultOrders.WAIT_BEFORE, "");
      trial
          .patience()
          .await("a worker is about to commit", () -> orders.isWaiting(FaultOrders.WAIT_BEFORE));
    }
    compact(trial);
    if (held) {
      orders.go(FaultOrders.WAIT_BEFORE);
      trial
          .patience()
          .await("that worker commits or fails", () -> orders.isOver(FaultOrders.WAIT_BEFORE));
      orders.forget(FaultOrders.WAIT_BEFORE);
      trial.say("a worker held a commit in its hands meanwhile");
    }
  }

  private static void compact(SinkTrial trial) {
    long before = trial.landing().commits("OPTIMIZE");
    try (ChildProcess spark = start(trial)) {
      trial.patience().await("Spark has compacted the tables", () -> !spark.isAlive());
      int exitCode = spark.onExit().join();
      long compactions = trial.landing().commits("OPTIMIZE") - before;
      if (exitCode == FAILED) {
        trial.say("Spark gave up compacting: " + spark.logTail(1).strip());
      } else if (exitCode == DONE && compactions > 0) {
        trial.say("Spark compacted the tables in " + Plural.of(compactions, "commit"));
      } else {
        throw new CommandException(
            "Spark was to compact the tables; it made %s and ended with %d:%n%s"
                .formatted(
                    Plural.of(compactions, "such commit"), exitCode, spark.logTail(TOLD_LINES)));
      }
    }
  }

  private static ChildProcess start(SinkTrial trial) {
    return ChildProcess.start(
        "batch-backfill",
        trial.log("maintain"),
        trial.batch().line(JVM, "maintain", List.of()),
        trial.batch().environment());
  }
}

package dev.millrace.local;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Ways in which a worker sleeps past its session and wakes when others have its partitions. */
final class WorkerSleeps {

  private WorkerSleeps() {}

  static void atAnyMoment(SinkTrial trial, Random random) {
    Patience patience = trial.patience();
    trial.workers().grow();
    trial.tasks().settle();
    SinkWorker worker = trial.tasks().anyBusy(random);
    Set<String> consumers = trial.tasks().consumersOf(worker);
    suspend(trial, worker, "at some moment");
    patience.await("the sleeper's partitions move", () -> trial.tasks().areWithout(consumers));
    Map<TopicPartition, Long> ends = trial.topics().committedEnds();
    patience.await("others land the sleeper's partitions", () -> trial.landing().reaches(ends));
    wake(trial, worker, "when others had landed its partitions");
    trial.tasks().settle();
  }

  /**
   * The hardest that a sleeper can do: it wakes with a commit in its hands of which others have
   * landed the first part only. So the transaction id still is below what it is about to write, and
   * nothing but the table's version tells that it is too late.
   */
  static void beforeCommit(SinkTrial trial) {
    Patience patience = trial.patience();
    FaultOrders orders = trial.orders();
    trial.workers().grow();
    trial.tasks().settle();
    orders.give(FaultOrders.WAIT_BEFORE, "");
    patience.await("a worker is about to commit", () -> orders.isWaiting(FaultOrders.WAIT_BEFORE));
    FaultOrders.Waiting commit = orders.waiting(FaultOrders.WAIT_BEFORE);
    SinkWorker worker = trial.workers().withPid(commit.pid());
    Set<String> consumers = trial.tasks().consumersOf(worker);
    trial.tasks().landOneByOne(worker);
    orders.give(FaultOrders.WAIT_BEHIND, commit.transactionId());
    suspend(trial, worker, "between its Parquet files and the Delta commit");
    patience.await("the sleeper's partitions move", () -> trial.tasks().areWithout(consumers));
    patience.await(
        "another lands a part of that commit", () -> orders.isWaiting(FaultOrders.WAIT_BEHIND));
    orders.go(FaultOrders.WAIT_BEFORE);
    wake(trial, worker, "when another had landed the first part of what it was about to commit");
    patience.await("the sleeper commits or fails", () -> orders.isOver(FaultOrders.WAIT_BEFORE));
    orders.go(FaultOrders.WAIT_BEHIND);
    patience.await("the other commits or fails", () -> orders.isOver(FaultOrders.WAIT_BEHIND));
    // Told while they share out anew, Connect's workers may end with tasks that nobody runs.
    trial.tasks().settle();
    trial.tasks().landAsDeclared();
    trial.tasks().settle();
    List.of(FaultOrders.WAIT_BEFORE, FaultOrders.WAIT_BEHIND).forEach(orders::forget);
  }

  private static void suspend(SinkTrial trial, SinkWorker worker, String when) {
    trial.workers().suspend(worker);
    trial.say("%s was stopped %s".formatted(worker, when));
  }

  private static void wake(SinkTrial trial, SinkWorker worker, String when) {
    trial.workers().wake(worker);
    trial.say("%s woke %s".formatted(worker, when));
  }
}

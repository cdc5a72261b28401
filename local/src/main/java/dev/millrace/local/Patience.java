package dev.millrace.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what has to come in a trial: not for ever, and not when something is broken. */
final class Patience {

  private static final Duration LONGEST = Duration.ofSeconds(120);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int POLLS_BETWEEN_CHECKS = 20;

  private final Path logs;
  private final Runnable check;
  private volatile boolean over;

  /**
   * @param logs where to look when something does not come
   * @param check throws if it can't come any more
   */
  Patience(Path logs, Runnable check) {
    this.logs = logs;
    this.check = check;
  }

  /**
   * @param what completes "until"
   * @throws CommandException if it takes more than two minutes, or can't come any more
   */
  void await(String what, BooleanSupplier condition) {
    long began = System.nanoTime();
    for (int polls = 1; !condition.getAsBoolean(); polls++) {
      if (System.nanoTime() - began > LONGEST.toNanos()) {
        throw new CommandException(
            "It takes more than %d s until %s; the logs are in %s"
                .formatted(LONGEST.toSeconds(), what, logs));
      }
      if (polls % POLLS_BETWEEN_CHECKS == 0) {
        check.run();
      }
      pause(POLL);
    }
  }

  /**
   * @throws CommandException if it has ended
   */
  void pause(Duration time) {
    if (over) {
      throw new CommandException("The trial has been stopped");
    }
    LockSupport.parkNanos(time.toNanos());
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while the sink was tried");
    }
  }

  /** From now on nothing is waited for. */
  void end() {
    over = true;
  }
}

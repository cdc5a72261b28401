package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import java.time.Duration;

/**
 * A Connect worker.
 *
 * @param id as Connect calls it
 */
record SinkWorker(String id, String url, ChildProcess process) {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

  Connectors connectors() {
    return new Connectors(url);
  }

  /**
   * @throws CommandException if it ends first, or takes too long
   */
  void awaitReady() {
    try {
      process.awaitReady(START_TIMEOUT, connectors()::isReady);
    } catch (IllegalStateException e) {
      throw new CommandException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public String toString() {
    return "worker " + process.pid();
  }
}

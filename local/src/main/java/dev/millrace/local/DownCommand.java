package dev.millrace.local;

import dev.millrace.local.StackFile.ProcessId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;

@Command(name = "down", description = "Stops the running stack, as Ctrl-C does where it runs.")
final class DownCommand implements Callable<Integer> {

  // Services, servers and Kafka have twenty seconds each.
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Home home;
  private final Console console;

  DownCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    Optional<ProcessId> owner =
        StackFile.read(home.stackFile()).map(StackFile::owner).filter(ProcessId::isAlive);
    if (owner.isEmpty()) {
      console.say("No stack is running here: nothing to stop.");
      return 0;
    }
    console.say("Stopping the stack of process %d …".formatted(owner.get().pid()));
    Optional<ProcessHandle> process = ProcessHandle.of(owner.get().pid());
    if (process.isPresent()) {
      process.get().destroy();
      awaitEnd(process.get());
    }
    console.say("Stopped.");
    return 0;
  }

  private void awaitEnd(ProcessHandle process) {
    try {
      process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandException(
          "Process %d has not ended in %d s; the logs in %s say why. kill -9 %d ends it, and what it started ends with it."
              .formatted(process.pid(), PATIENCE.toSeconds(), home.logs(), process.pid()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while waiting for the stack to end", e);
    }
  }
}

package dev.millrace.local;

import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A home that one stack has for itself until this is closed, or this JVM is gone. */
final class HomeClaim implements AutoCloseable {

  private static final Duration END_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(100);

  private final FileChannel lock;

  private HomeClaim(FileChannel lock) {
    this.lock = lock;
  }

  /**
   * Takes the home and empties it, once the processes of a killed stack are gone.
   *
   * @throws CommandException if another stack has it
   */
  static HomeClaim of(Home home, Console console) {
    HomeClaim claim = new HomeClaim(lock(home));
    try {
      StackFile.read(home.stackFile()).ifPresent(killed -> awaitEnd(killed, console));
      clear(home);
      return claim;
    } catch (RuntimeException e) {
      claim.close();
      throw e;
    }
  }

  /**
   * Again, while something still writes there: a process that had been started and was not written
   * down yet when its stack was killed ends within seconds, and nobody knows it.
   */
  private static void clear(Home home) {
    long start = System.nanoTime();
    while (true) {
      try {
        home.clear();
        return;
      } catch (CommandException e) {
        if (System.nanoTime() - start > END_TIMEOUT.toNanos()) {
          throw e;
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }

  private static FileChannel lock(Home home) {
    try {
      Files.createDirectories(home.work());
      FileChannel channel =
          FileChannel.open(home.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw alreadyRunning(home);
      }
      return channel;
    } catch (IOException e) {
      throw new CommandException(
          "Cannot use %s: %s. A stack keeps its data there; make it writable."
              .formatted(home.work(), e.getMessage()),
          e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException byThisJvm) {
      return false;
    }
  }

  private static CommandException alreadyRunning(Home home) {
    String who =
        StackFile.read(home.stackFile())
            .map(stack -> "process %d".formatted(stack.owner().pid()))
            .orElse("another ./millrace");
    return new CommandException(
        "A stack is running here already, kept up by %s. Look at it with ./millrace status, or stop it with ./millrace down."
            .formatted(who));
  }

  /** Its owner was killed; its processes end by themselves, but write until they do. */
  private static void awaitEnd(StackFile killed, Console console) {
    List<ProcessId> left =
        killed.parts().stream().map(Part::process).filter(ProcessId::isAlive).toList();
    if (!left.isEmpty()) {
      console.say(
          "Waiting for %s of a killed stack to end …"
              .formatted(Plural.of(left.size(), "process", "processes")));
    }
    left.forEach(HomeClaim::awaitEnd);
  }

  private static void awaitEnd(ProcessId process) {
    Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
    try {
      if (handle.isPresent()) {
        handle.get().onExit().get(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandException(
          "Process %d of a killed stack is still alive. End it (kill -9 %d) and try again."
              .formatted(process.pid(), process.pid()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while waiting for a killed stack", e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new CommandException("Cannot release the lock of the stack", e);
    }
  }
}

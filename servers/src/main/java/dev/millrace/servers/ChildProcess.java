package dev.millrace.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A child process with a log file.
 *
 * <p>Its owner closes it. Should this JVM die first, even by SIGKILL, the child is ended too. It
 * runs in a session of its own where the system can do that, so Ctrl-C reaches only its owner.
 */
public final class ChildProcess implements AutoCloseable {

  /**
   * Becomes the command, under the same process id, once the reaper knows of it. If this JVM dies
   * before, the line never comes, and nothing is left behind.
   */
  private static final String EXEC_WHEN_WATCHED = "read -r go && exec \"$@\" </dev/null";

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int LINES_IN_MESSAGES = 20;
  private static final int LONGEST_TAIL = 64 * 1024;

  private final String name;
  private final Path log;
  private final long logStart;
  private final Process process;

  private ChildProcess(String name, Path log, long logStart, Process process) {
    this.name = name;
    this.log = log;
    this.logStart = logStart;
    this.process = process;
  }

  /**
   * Starts a command.
   *
   * @param name what messages call it
   * @param log where its stdout and stderr are appended
   */
  public static ChildProcess start(String name, Path log, List<String> command) {
    return start(name, log, command, Map.of());
  }

  /** Starts a command with variables added to the environment it inherits. */
  public static ChildProcess start(
      String name, Path log, List<String> command, Map<String, String> environment) {
    List<String> inSession = new ArrayList<>(Session.prefix());
    inSession.addAll(List.of("sh", "-c", EXEC_WHEN_WATCHED, name));
    inSession.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(inSession)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      long logStart = Files.exists(log) ? Files.size(log) : 0;
      Process process = builder.start();
      try (OutputStream go = process.getOutputStream()) {
        Reaper.watch(process);
        go.write('\n');
      } catch (RuntimeException e) {
        process.destroyForcibly();
        throw e;
      }
      return new ChildProcess(name, log, logStart, process);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot start %s with the command %s, logging to %s".formatted(name, command, log), e);
    }
  }

  /** The command that runs {@code java} of this JVM's home with these arguments. */
  public static List<String> java(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    return List.copyOf(command);
  }

  /**
   * Waits until the child is ready; a child that is not ready in time is killed.
   *
   * @throws IllegalStateException if it ended or the time is over; the message has the end of its
   *     log
   */
  public void awaitReady(Duration timeout, BooleanSupplier ready) {
    try {
      poll(timeout, ready);
    } catch (RuntimeException e) {
      kill();
      throw e;
    }
  }

  private void poll(Duration timeout, BooleanSupplier ready) {
    long start = System.nanoTime();
    while (isAlive()) {
      // Alive is asked again after the answer: a child that has died was not the one answering.
      if (ready.getAsBoolean() && isAlive()) {
        return;
      }
      if (System.nanoTime() - start > timeout.toNanos()) {
        throw notReady("did not become ready in %d s".formatted(timeout.toSeconds()));
      }
      exitedWithin(POLL);
    }
    throw notReady("ended with exit code %d before it was ready".formatted(process.exitValue()));
  }

  private IllegalStateException notReady(String what) {
    return new IllegalStateException(
        "%s %s; its log ends:%n%s%nsee %s".formatted(name, what, logTail(LINES_IN_MESSAGES), log));
  }

  /** Where its stdout and stderr go. */
  public Path log() {
    return log;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Completes with the exit code. */
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** The last lines this child has written; lines of earlier children in the same file are not. */
  public String logTail(int lines) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(logStart, file.length() - LONGEST_TAIL);
      byte[] bytes = new byte[(int) Math.max(0, file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(cannot be read: " + e + ")";
    }
  }

  /** SIGTERM, then SIGKILL when the grace is over. Returns the exit code. */
  public int terminate(Duration grace) {
    process.destroy();
    if (isAlive()) {
      resume(); // a suspended process takes no SIGTERM
    }
    if (!exitedWithin(grace)) {
      kill();
    }
    return process.exitValue();
  }

  /** SIGKILL at once; returns when the child is gone. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** SIGSTOP: the child stands still, its connections stay open. */
  public void suspend() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  /** Ends the child, with ten seconds of grace. */
  @Override
  public void close() {
    terminate(GRACE);
  }

  private void signal(String signal) {
    try {
      // Through sh, because kill is a part of every shell but not a program on every system.
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -s %s %d".formatted(signal, pid()))
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
      int exitCode = kill.onExit().join().exitValue();
      // No such process: it has just ended, which this JVM may learn a moment later.
      if (exitCode != 0 && !exitedWithin(GRACE)) {
        throw new IllegalStateException(
            "Cannot send SIG%s to %s, process %d: kill ended with %d"
                .formatted(signal, name, pid(), exitCode));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot run sh to send SIG%s to %s".formatted(signal, name), e);
    }
  }

  private boolean exitedWithin(Duration time) {
    try {
      return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + name, e);
    }
  }
}

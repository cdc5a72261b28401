package dev.millrace.local;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts that run at the same time; the first failure ends the wait for all of them. */
final class SideBySide {

  private final Members members;
  private final Console console;
  private final Executor threads;

  SideBySide(Members members, Console console, Executor threads) {
    this.members = members;
    this.console = console;
    this.threads = threads;
  }

  /**
   * Returns when all are done, and draws until then who is not ready.
   *
   * @throws CommandException if one fails, or a process ends that was ready
   */
  void run(List<Runnable> starts) {
    List<CompletableFuture<Void>> running =
        starts.stream().map(start -> CompletableFuture.runAsync(start, threads)).toList();
    CompletableFuture<?> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
    CompletableFuture<Object> outcome =
        CompletableFuture.anyOf(all, firstFailure(running), members.failure());
    while (!isDone(outcome)) {
      console.draw(members.starting());
    }
    console.draw(List.of());
    if (members.failure().isDone()) {
      throw new CommandException(members.failure().join());
    }
  }

  private static CompletableFuture<Object> firstFailure(List<CompletableFuture<Void>> running) {
    CompletableFuture<Object> firstFailure = new CompletableFuture<>();
    for (CompletableFuture<Void> start : running) {
      CompletableFuture<Void> unused =
          start.whenComplete(
              (nothing, exception) -> {
                if (exception != null) {
                  firstFailure.completeExceptionally(exception);
                }
              });
    }
    return firstFailure;
  }

  private static boolean isDone(CompletableFuture<Object> outcome) {
    try {
      outcome.get(200, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new CommandException(String.valueOf(cause.getMessage()), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while the stack was starting", e);
    }
  }
}

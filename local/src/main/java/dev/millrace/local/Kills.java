package dev.millrace.local;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;

/**
 * Kills services with SIGKILL while events flow, one after the other, and starts each again.
 *
 * <p>Until all are back, only so few events are under way at a time that each service has some
 * before it and some behind it when it is killed.
 */
final class Kills {

  /** What can be killed and started again. */
  interface Target {

    /** SIGKILL; it is expected, and all else stays up. */
    void kill(Service service);

    /** Starts it again, on its port and its state; returns when it is ready. */
    void restart(Service service);
  }

  static final int UNDER_WAY = 1_000;

  /** So many events come out before a service is killed that all services are at work again. */
  static final int BETWEEN = 500;

  private static final CompletableFuture<Void> NONE = CompletableFuture.completedFuture(null);

  private final Target target;
  private final Console console;
  private final int services;
  private final Deque<Service> left;
  private final Semaphore allowed = new Semaphore(UNDER_WAY);
  private CompletableFuture<Void> restarting = NONE;
  private long out;
  private long nextAt = BETWEEN;
  private volatile boolean flowing;

  /**
   * @param services in this order; none to let events flow undisturbed
   */
  Kills(Target target, Console console, Collection<Service> services) {
    this.target = target;
    this.console = console;
    this.services = services.size();
    this.left = new ArrayDeque<>(services);
    if (services.isEmpty()) {
      letFlow();
    }
  }

  /** The same lines; each waits for its turn. */
  Iterator<byte[]> paced(Iterator<byte[]> lines) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return lines.hasNext();
      }

      @Override
      public byte[] next() {
        if (!flowing) {
          allowed.acquireUninterruptibly();
        }
        return lines.next();
      }
    };
  }

  /** Is told again and again how many events have come out at the end of the pipeline. */
  void out(long events) {
    if (flowing) {
      return;
    }
    allowed.release(Math.toIntExact(events - out));
    out = events;
    if (!restarting.isDone()) {
      return;
    }
    if (restarting != NONE) {
      requireRestarted();
      restarting = NONE;
      nextAt = out + BETWEEN;
    }
    if (left.isEmpty()) {
      letFlow();
    } else if (out >= nextAt) {
      killNext();
    }
  }

  private void killNext() {
    Service service = left.remove();
    target.kill(service);
    console.say(
        String.format(
            Locale.ROOT,
            "  %-18s killed by kill -9, with %,d events through and %,d under way; it starts again",
            service.moduleName(),
            out,
            UNDER_WAY - allowed.availablePermits()));
    restarting = CompletableFuture.runAsync(() -> target.restart(service));
  }

  private void requireRestarted() {
    try {
      restarting.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandException(
          "A service that was killed did not start again: " + cause.getMessage(), cause);
    }
  }

  /** Whether a service is down, or just coming back. */
  boolean isRestarting() {
    return restarting != NONE;
  }

  /**
   * Whether all have been killed and are back.
   *
   * @throws CommandException if that can't be any more, since all events are through
   */
  boolean areDone(boolean allThrough) {
    if (allThrough && !isRestarting() && !left.isEmpty()) {
      throw new CommandException(
          "Only %d of %d services could be killed before all events were through. Publish more: some %,d for each."
              .formatted(services - left.size(), services, UNDER_WAY + BETWEEN));
    }
    return left.isEmpty() && !isRestarting();
  }

  /** Nothing waits any more, and nothing more is killed. */
  void letFlow() {
    if (!flowing) {
      flowing = true;
      allowed.release(Integer.MAX_VALUE / 2);
    }
  }
}

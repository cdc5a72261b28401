package dev.millrace.features;

import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.streams.UserStateStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * How fresh what this instance holds is certain to be. It asks the group's coordinator, again and
 * again, whether this instance is still a member, and how far the changelogs of its standbys go.
 *
 * <p>As long as the coordinator counts an instance among the members, its partitions are nobody
 * else's until it gives them up itself. So a state that is processed here lacks nothing that was
 * committed before the coordinator was last asked and said so, and a standby lacks nothing that was
 * committed before it was last seen to have reached the changelog's end.
 */
final class Freshness implements SmartLifecycle {

  /**
   * A standby that was seen to hold all that was committed.
   *
   * @param opening of the store; once it is opened again nothing is known of it
   * @param caughtUpAt on the clock of {@link Freshness}, nanoseconds
   */
  record Standby(UserStateStore<UserActivity, FoldedEvent> store, long opening, long caughtUpAt) {}

  /** The group as its coordinator and the changelogs tell it. */
  interface Group {

    /** Whether the coordinator says, asked now, that all consumers of this instance are members. */
    boolean countsUsIn();

    /**
     * The standbys, by partition, of which it is known when they last held everything.
     *
     * @param before what this told the last time
     * @param now for those that hold everything
     */
    Map<Integer, Standby> standbys(Map<Integer, Standby> before, long now);
  }

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  /** Once it is known to be a member, an instance asks less often. */
  private static final Duration KNOWN_FOR = Duration.ofMillis(900);

  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  private final Group group;
  private final LongSupplier nanoClock;
  private final Runnable end;
  private volatile @Nullable ScheduledExecutorService looking;
  private volatile @Nullable Long memberAt;
  private volatile Map<Integer, Standby> standbys = Map.of();

  /**
   * @param nanoClock that goes on while the process stands still
   * @param end called when looking fails for a reason that is not Kafka's: nothing would be certain
   *     any more
   */
  Freshness(Group group, LongSupplier nanoClock, Runnable end) {
    this.group = group;
    this.nanoClock = nanoClock;
    this.end = end;
  }

  /** Looks again and again; with Spring after everything else has started. */
  @Override
  public void start() {
    ScheduledExecutorService started =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "lookup-freshness");
              thread.setDaemon(true);
              return thread;
            });
    started.scheduleWithFixedDelay(
        this::lookIfDue, 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    looking = started;
  }

  private void lookIfDue() {
    Duration since = sinceMember();
    if (since != null && since.compareTo(KNOWN_FOR) < 0) {
      return;
    }
    try {
      look();
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(Freshness.class)
          .error("Lookups can't tell how fresh they are; the process ends to be started again", e);
      end.run();
    }
  }

  /** Asks once. */
  void look() {
    long now = nanoClock.getAsLong();
    if (group.countsUsIn()) {
      memberAt = now;
    }
    standbys = group.standbys(standbys, now);
  }

  /** How long ago the coordinator was asked and counted this instance in; null if it never did. */
  @Nullable Duration sinceMember() {
    Long at = memberAt;
    return at == null ? null : since(at);
  }

  /** A standby of which it is known how far behind it can be; null if there is none. */
  @Nullable Standby standby(int partition) {
    return standbys.get(partition);
  }

  /** Time since a moment of this clock. */
  Duration since(long nanos) {
    return Duration.ofNanos(nanoClock.getAsLong() - nanos);
  }

  @Override
  public void stop() {
    ScheduledExecutorService started = looking;
    if (started != null) {
      started.shutdownNow();
      looking = null;
      try {
        // What it asks of goes next, and a look that finds it gone would end the process.
        started.awaitTermination(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean isRunning() {
    return looking != null;
  }
}

package dev.millrace.streams;

import dev.millrace.core.ActivationTimeline;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.KnownActivations;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The activation log as far as this process has read it. Events say which offset decides them;
 * whoever decides one waits here until that offset is known, so all hosts use the same artifacts.
 */
public final class ActiveArtifacts implements KnownActivations, AutoCloseable {

  /** The log can't be read any further, or the process is closing. */
  public static final class ActivationsUnavailableException extends RuntimeException {
    ActivationsUnavailableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(ActiveArtifacts.class);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.ACTIVATIONS.name(), 0);
  private static final Duration POLL = Duration.ofMillis(500);

  private final Consumer<byte[], byte[]> consumer;
  private final MessageCodec<ActivationMessage> codec;
  private final Duration patience;
  private final Counter unreadable;
  private final Runnable whenDead;
  private final Thread reader = new Thread(this::readOn, "activations");

  private final ActivationTimeline timeline = new ActivationTimeline();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private volatile long readTo = ActivationTimeline.NONE;
  private volatile long lastKnown = ActivationTimeline.NONE;
  private final AtomicInteger overdue = new AtomicInteger();
  private volatile boolean closing;
  private volatile @Nullable RuntimeException failure;

  /**
   * Reads the log to its end, then goes on in its own thread.
   *
   * @param consumer not subscribed; read_committed; closed by this object
   * @param whenDead told once if the log can't be read any further
   * @param patience after this time of waiting for an offset {@link #isBehind()} says so
   * @throws StartupException if the end can't be reached in the time
   */
  public static ActiveArtifacts start(
      Consumer<byte[], byte[]> consumer,
      MessageCodec<ActivationMessage> codec,
      Duration startTimeout,
      Duration patience,
      MeterRegistry metrics,
      Runnable whenDead) {
    ActiveArtifacts artifacts = new ActiveArtifacts(consumer, codec, patience, metrics, whenDead);
    try {
      artifacts.readToEnd(startTimeout);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
    artifacts.reader.setDaemon(true);
    artifacts.reader.start();
    return artifacts;
  }

  private ActiveArtifacts(
      Consumer<byte[], byte[]> consumer,
      MessageCodec<ActivationMessage> codec,
      Duration patience,
      MeterRegistry metrics,
      Runnable whenDead) {
    this.whenDead = whenDead;
    this.consumer = consumer;
    this.codec = codec;
    this.patience = patience;
    this.unreadable =
        Counter.builder("millrace.activations.unreadable")
            .description("Records on the activation log that activate nothing")
            .register(metrics);
    Gauge.builder("millrace.activations.offset", this, artifacts -> artifacts.lastKnown)
        .description("Offset of the last activation read")
        .register(metrics);
  }

  @Override
  public long lastKnown() {
    return lastKnown;
  }

  /** Waits until the offset is read. */
  @Override
  public ActivationTimeline knownAt(long offset) {
    if (offset > readTo) {
      await(offset);
    }
    return timeline;
  }

  /** Something has been waiting for an activation for longer than the patience. */
  public boolean isBehind() {
    return overdue.get() > 0 || failure != null;
  }

  /** Lets go whoever waits; the log is not read any further. */
  @Override
  public void close() {
    closing = true;
    signal();
    consumer.wakeup();
    try {
      reader.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await(long offset) {
    boolean warned = false;
    lock.lock();
    try {
      while (offset > readTo) {
        if (failure != null || closing) {
          throw new ActivationsUnavailableException(
              "Cannot read %s up to offset %d".formatted(PARTITION, offset), failure);
        }
        boolean timely = progress.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!timely && !warned) {
          warned = true;
          overdue.incrementAndGet();
          LOG.warn(
              "An event needs activation {} and {} is read to {} only; waiting, not ready",
              offset,
              PARTITION,
              readTo);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ActivationsUnavailableException("Interrupted while waiting for activations", e);
    } finally {
      if (warned) {
        overdue.decrementAndGet();
      }
      lock.unlock();
    }
  }

  private void readToEnd(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(PARTITION), timeout);
      long end = ends.getOrDefault(PARTITION, 0L);
      while (consumer.position(PARTITION, timeout) < end) {
        if (System.nanoTime() - deadline > 0) {
          throw new StartupException(
              "%s was not read to its end within %s.".formatted(PARTITION, timeout),
              "Look for a transaction that hangs open on it, or raise millrace.start-timeout.");
        }
        poll();
      }
    } catch (KafkaException e) {
      throw new StartupException(
          "%s can't be read: %s.".formatted(PARTITION, e.getMessage()),
          "Check the broker, and that this service may read the topic.",
          e);
    }
  }

  private void readOn() {
    try {
      while (!closing) {
        poll();
      }
    } catch (WakeupException e) {
      if (!closing) {
        fail(e);
      }
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      consumer.close();
    }
  }

  private void fail(RuntimeException e) {
    LOG.error("Reading {} ended; whoever needs a later activation stops", PARTITION, e);
    failure = e;
    signal();
    whenDead.run();
  }

  private void poll() {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      read(record);
    }
    long position = consumer.position(PARTITION) - 1;
    if (position != readTo) {
      readTo = position;
      signal();
    }
  }

  /** What can't be read activates nothing; every reader sees the same bytes, so all agree. */
  private void read(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value() == null ? new byte[0] : record.value();
    ActivationMessage message = codec.decode(value).message();
    if (message == null) {
      unreadable.increment();
    } else {
      try {
        timeline.add(record.offset(), Messages.activation(message));
      } catch (IllegalArgumentException e) {
        unreadable.increment();
      }
    }
    lastKnown = record.offset();
  }

  private void signal() {
    lock.lock();
    try {
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

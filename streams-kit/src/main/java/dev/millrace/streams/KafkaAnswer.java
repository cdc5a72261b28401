package dev.millrace.streams;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;

/** What Kafka answers to a question at the start; a start without an answer fails. */
final class KafkaAnswer {

  private KafkaAnswer() {}

  /**
   * Waits for the answer.
   *
   * @throws StartupException if there is none in the time; its cause is what Kafka said instead
   */
  static <T> T of(KafkaFuture<T> future, Duration timeout) {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unreachable(timeout, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw unreachable(timeout, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("Interrupted while waiting for an answer of Kafka", e);
    }
  }

  private static StartupException unreachable(Duration timeout, Throwable cause) {
    return new StartupException(
        "Kafka did not answer within %d s: %s.".formatted(timeout.toSeconds(), cause.getMessage()),
        "Start it, or correct millrace.bootstrap-servers and its security settings.",
        cause);
  }
}

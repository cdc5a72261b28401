package dev.millrace.benchmarks.sidebyside;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Fills a topic with records that nobody reads until they are released, all at once: they are one
 * transaction. So what is measured is not what it costs to fill.
 */
final class Feed implements AutoCloseable {

  /** The most that a broker grants unasked. */
  private static final Duration LONGEST_TRANSACTION = Duration.ofMinutes(15);

  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  Feed(String bootstrapServers, String id) {
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "feed-" + id,
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                (int) LONGEST_TRANSACTION.toMillis(),
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                131_072),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
  }

  void begin() {
    producer.beginTransaction();
  }

  void add(ProducerRecord<byte[], byte[]> record) {
    var unused =
        producer.send(
            record,
            (metadata, exception) -> {
              if (exception != null) {
                failure.compareAndSet(null, exception);
              }
            });
  }

  /** Returns when the broker has all that was added. */
  void fill() {
    producer.flush();
    @Nullable Exception cause = failure.get();
    if (cause != null) {
      throw new KafkaException("Kafka did not take the records to be measured", cause);
    }
  }

  void release() {
    producer.commitTransaction();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(10));
  }
}

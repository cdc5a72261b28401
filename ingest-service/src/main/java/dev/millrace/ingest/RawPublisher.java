package dev.millrace.ingest;

import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes raw records outside any topology; a future is done when all replicas have its record. */
final class RawPublisher implements AutoCloseable {

  private final Producer<String, byte[]> producer;

  static RawPublisher connect(String bootstrapServers, Duration acknowledgeWithin) {
    int bound = (int) acknowledgeWithin.toMillis();
    return new RawPublisher(
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                bound,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                bound / 2,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                bound,
                ProducerConfig.LINGER_MS_CONFIG,
                2,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Topics.MAX_DERIVED_BYTES),
            new StringSerializer(),
            new ByteArraySerializer()));
  }

  RawPublisher(Producer<String, byte[]> producer) {
    this.producer = producer;
  }

  /** Never throws what the broker causes; it fails the future instead. */
  CompletableFuture<RecordMetadata> publish(RawEvents.Keyed raw) {
    CompletableFuture<RecordMetadata> acknowledged = new CompletableFuture<>();
    try {
      // The callback tells the same, and without a thread that waits.
      Future<RecordMetadata> unused =
          producer.send(
              new ProducerRecord<>(Topics.RAW.name(), raw.key(), raw.value()),
              (metadata, failure) -> {
                if (failure == null) {
                  acknowledged.complete(metadata);
                } else {
                  acknowledged.completeExceptionally(failure);
                }
              });
    } catch (KafkaException e) {
      acknowledged.completeExceptionally(e);
    }
    return acknowledged;
  }

  @Override
  public void close() {
    producer.close();
  }
}

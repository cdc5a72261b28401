package dev.millrace.ingest;

import dev.millrace.schema.FileMessage;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of a file and how far they reach, both or none. Whoever opens this for a landing
 * folder ends the transactions of whoever had it before, and shuts him out.
 */
final class FileTransactions implements AutoCloseable {

  private static final int PATIENCE_MS = 30_000;

  private final Producer<String, byte[]> producer;

  static FileTransactions open(String bootstrapServers, String landingId) {
    KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId(landingId),
                // A process that was killed and does not come back keeps readers waiting so long.
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                PATIENCE_MS,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                PATIENCE_MS,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                PATIENCE_MS,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                PATIENCE_MS / 2,
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.BATCH_SIZE_CONFIG,
                131_072,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Topics.MAX_DERIVED_BYTES),
            new StringSerializer(),
            new ByteArraySerializer());
    try {
      producer.initTransactions();
      return new FileTransactions(producer);
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  static String transactionalId(String landingId) {
    return "ingest-files-" + landingId;
  }

  private FileTransactions(Producer<String, byte[]> producer) {
    this.producer = producer;
  }

  /**
   * Commits; whatever it throws, this object can't be used again, and whether the records are there
   * is told by the log only.
   *
   * @throws org.apache.kafka.common.KafkaException if the broker did not do it
   */
  void commit(List<RawEvents.Keyed> records, FileMessage progress, byte[] encoded) {
    producer.beginTransaction();
    for (RawEvents.Keyed raw : records) {
      send(Topics.RAW, raw.key(), raw.value());
    }
    send(Topics.FILES, FileKey.of(progress).toString(), encoded);
    producer.commitTransaction();
  }

  private void send(Topics.Topic topic, String key, byte[] value) {
    // The commit fails if a record did.
    Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(topic.name(), key, value));
  }

  /** Somebody else has opened the same, or a transaction took too long. */
  static boolean isShutOut(Throwable failure) {
    for (@Nullable Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException) {
        return true;
      }
    }
    return false;
  }

  /** An open transaction is aborted by the broker, or by who opens the next. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}

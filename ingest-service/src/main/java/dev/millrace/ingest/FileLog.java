package dev.millrace.ingest;

import dev.millrace.schema.FileMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of every file: the topic {@code files}, of all instances, as far as it has been
 * read. One thread reads on; any may ask.
 */
final class FileLog {

  private static final Logger LOG = LoggerFactory.getLogger(FileLog.class);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.FILES.name(), 0);
  private static final Duration POLL = Duration.ofMillis(200);

  private final String bootstrapServers;
  private final MessageCodec<FileMessage> codec;
  private final Map<String, FileMessage> bySha256 = new ConcurrentHashMap<>();
  private @Nullable Consumer<String, byte[]> consumer;

  FileLog(String bootstrapServers, MessageCodec<FileMessage> codec) {
    this.bootstrapServers = bootstrapServers;
    this.codec = codec;
  }

  Optional<FileMessage> find(String sha256) {
    return Optional.ofNullable(bySha256.get(sha256));
  }

  byte[] encode(FileMessage progress) {
    return codec.encode(progress);
  }

  /** Something that was just committed, before it is read back. */
  void committed(FileMessage progress) {
    bySha256.put(progress.getSha256(), progress);
  }

  /** Reads all that is committed by now, from the beginning. */
  void readAll() {
    close();
    Consumer<String, byte[]> opened = connect();
    consumer = opened;
    opened.assign(List.of(PARTITION));
    opened.seekToBeginning(List.of(PARTITION));
    long end = opened.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
    while (opened.position(PARTITION) < end) {
      opened.poll(POLL).forEach(this::read);
    }
  }

  /**
   * Reads what is there of other instances.
   *
   * @param own id of the landing folder whose progress is known better here
   */
  void readOn(String own) {
    for (ConsumerRecord<String, byte[]> record :
        Objects.requireNonNull(consumer).poll(Duration.ZERO)) {
      FileMessage known = bySha256.get(record.key());
      if (record.value() == null || known == null || !known.getLanding().equals(own)) {
        read(record);
      }
    }
  }

  void close() {
    if (consumer != null) {
      consumer.close();
      consumer = null;
    }
  }

  private void read(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      bySha256.remove(record.key());
      return;
    }
    @Nullable FileMessage progress = codec.decode(record.value()).message();
    if (progress == null) {
      LOG.warn("{} offset {} is no progress of a file; passed over", PARTITION, record.offset());
    } else {
      bySha256.put(progress.getSha256(), progress);
    }
  }

  private Consumer<String, byte[]> connect() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }
}

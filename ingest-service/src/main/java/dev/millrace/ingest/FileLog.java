package dev.millrace.ingest;

import dev.millrace.schema.FileMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
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
  private final NavigableMap<String, FileMessage> byKey = new ConcurrentSkipListMap<>();
  private @Nullable Consumer<String, byte[]> consumer;

  FileLog(String bootstrapServers, MessageCodec<FileMessage> codec) {
    this.bootstrapServers = bootstrapServers;
    this.codec = codec;
  }

  Optional<FileMessage> find(FileKey key) {
    return Optional.ofNullable(byKey.get(key.toString()));
  }

  /**
   * The taking of that content that was begun last.
   *
   * @param source that it was taken under; null for any
   */
  Optional<FileMessage> latest(String sha256, @Nullable String source) {
    String prefix = FileKey.prefix(sha256);
    return byKey.subMap(prefix, prefix + Character.MAX_VALUE).values().stream()
        .filter(progress -> source == null || source.equals(progress.getSource()))
        .max(Comparator.comparing(FileMessage::getReceivedAt));
  }

  byte[] encode(FileMessage progress) {
    return codec.encode(progress);
  }

  /** Something that was just committed, before it is read back. */
  void committed(FileMessage progress) {
    put(progress);
  }

  /** Reads all that is committed by now, from the beginning. */
  void readAll() {
    close();
    Consumer<String, byte[]> opened = connect("read_committed");
    consumer = opened;
    opened.assign(List.of(PARTITION));
    opened.seekToBeginning(List.of(PARTITION));
    // Behind a transaction that is still open there may be progress of this folder's own.
    long end;
    try (Consumer<String, byte[]> uncommitted = connect("read_uncommitted")) {
      end = end(uncommitted);
    }
    while (opened.position(PARTITION) < end) {
      opened.poll(POLL).forEach(this::read);
    }
  }

  /**
   * Reads all that other instances have committed by now.
   *
   * @param own id of the landing folder whose progress is known better here
   */
  void readOn(String own) {
    Consumer<String, byte[]> opened = Objects.requireNonNull(consumer);
    long end = end(opened);
    while (opened.position(PARTITION) < end) {
      for (ConsumerRecord<String, byte[]> record : opened.poll(POLL)) {
        @Nullable FileMessage progress = progress(record);
        if (record.value() == null || (progress != null && !progress.getLanding().equals(own))) {
          read(record);
        }
      }
    }
  }

  private static long end(Consumer<String, byte[]> consumer) {
    return consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
  }

  void close() {
    if (consumer != null) {
      consumer.close();
      consumer = null;
    }
  }

  private void read(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      byKey.remove(record.key());
      return;
    }
    @Nullable FileMessage progress = progress(record);
    if (progress == null) {
      LOG.warn("{} offset {} is no progress of a file; passed over", PARTITION, record.offset());
    } else {
      put(progress);
    }
  }

  private void put(FileMessage progress) {
    byKey.put(FileKey.of(progress).toString(), progress);
  }

  private @Nullable FileMessage progress(ConsumerRecord<String, byte[]> record) {
    return record.value() == null ? null : codec.decode(record.value()).message();
  }

  private Consumer<String, byte[]> connect(String isolationLevel) {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            isolationLevel,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }
}

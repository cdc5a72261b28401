package dev.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.table.OriginColumns;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a topic of raw events holds, and so what its table must: of each partition the committed
 * records by offset, each as the row that it makes, in JSON.
 *
 * @param whole false if the topic was deleted before all was landed; then of each partition there
 *     may be the beginning only
 */
record CommittedTopic(
    String name, String id, boolean whole, Map<Integer, NavigableMap<Long, String>> partitions) {

  static final String DATE_COLUMN = "received_date";

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  CommittedTopic {
    partitions = Map.copyOf(partitions);
  }

  /**
   * Reads the topic to where it ends now.
   *
   * @throws CommandException if nothing comes for a minute
   */
  static CommittedTopic read(
      Consumer<byte[], byte[]> consumer,
      MessageCodec<RawEventMessage> codec,
      String name,
      String id,
      int partitionCount,
      boolean whole) {
    List<TopicPartition> all =
        IntStream.range(0, partitionCount)
            .mapToObj(partition -> new TopicPartition(name, partition))
            .toList();
    Map<Integer, NavigableMap<Long, String>> partitions = new HashMap<>();
    all.forEach(partition -> partitions.put(partition.partition(), new TreeMap<>()));
    consumer.assign(all);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all, PATIENCE);
    consumer.seekToBeginning(all);
    long start = System.nanoTime();
    while (all.stream()
        .anyMatch(
            each -> consumer.position(each, PATIENCE) < Objects.requireNonNull(ends.get(each)))) {
      for (ConsumerRecord<byte[], byte[]> entry : consumer.poll(POLL)) {
        start = System.nanoTime();
        Objects.requireNonNull(partitions.get(entry.partition()))
            .put(entry.offset(), row(id, entry, CommittedRecords.decoded(codec, entry)));
      }
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new CommandException("The topic %s can't be read to its end".formatted(name));
      }
    }
    return new CommittedTopic(name, id, whole, partitions);
  }

  long records() {
    return partitions.values().stream().mapToLong(Map::size).sum();
  }

  /** Behind the last record of each partition that has one. */
  Map<TopicPartition, Long> ends() {
    Map<TopicPartition, Long> ends = new HashMap<>();
    partitions.forEach(
        (partition, records) -> {
          if (!records.isEmpty()) {
            ends.put(new TopicPartition(name, partition), records.lastKey() + 1);
          }
        });
    return ends;
  }

  private static String row(
      String id, ConsumerRecord<byte[], byte[]> entry, RawEventMessage message) {
    Map<String, @Nullable Object> row = fields(message);
    row.put(OriginColumns.TOPIC_ID, id);
    row.put(OriginColumns.PARTITION, entry.partition());
    row.put(OriginColumns.OFFSET, entry.offset());
    row.put(OriginColumns.TIMESTAMP, entry.timestamp() * 1_000);
    row.put(OriginColumns.KEY, new String(entry.key(), StandardCharsets.UTF_8));
    row.put(
        DATE_COLUMN, message.getReceivedAt().atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay());
    try {
      return JSON.writeValueAsString(row);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, @Nullable Object> fields(SpecificRecord message) {
    Map<String, @Nullable Object> fields = new HashMap<>();
    for (Schema.Field field : message.getSchema().getFields()) {
      fields.put(field.name(), value(message.get(field.pos())));
    }
    return fields;
  }

  private static @Nullable Object value(@Nullable Object value) {
    if (value instanceof SpecificRecord inner) {
      return fields(inner);
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    if (value instanceof Instant instant) {
      return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
    return value;
  }
}

package dev.millrace.ingest;

import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.Surroundings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What is committed on the raw topic, read on at each look. */
final class RawTopic implements AutoCloseable {

  /** A raw record as it was read back. */
  record Raw(ConsumerRecord<String, byte[]> stored, RawEventMessage message) {

    String key() {
      return stored.key();
    }

    byte[] payload() {
      return Messages.payload(message);
    }
  }

  private final KafkaConsumer<String, byte[]> consumer;
  private final MessageCodec<RawEventMessage> codec;
  private final List<TopicPartition> partitions;
  private final List<Raw> read = new ArrayList<>();

  RawTopic(Surroundings surroundings) {
    codec = surroundings.codec(Topics.RAW);
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", surroundings.bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest",
                "fetch.max.wait.ms", "10"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    partitions =
        consumer.partitionsFor(Topics.RAW.name()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** All records up to now. */
  List<Raw> all() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      consumer
          .poll(Duration.ofMillis(100))
          .forEach(record -> read.add(new Raw(record, codec.decode(record.value()).message())));
    }
    return List.copyOf(read);
  }

  @Override
  public void close() {
    consumer.close();
  }
}

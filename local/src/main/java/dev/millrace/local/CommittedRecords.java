package dev.millrace.local;

import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** How records are read here: committed ones only, without a group. */
final class CommittedRecords {

  private CommittedRecords() {}

  static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            5_000),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  static List<TopicPartition> partitions(
      Consumer<byte[], byte[]> consumer, Collection<Topics.Topic> topics) {
    return topics.stream()
        .flatMap(topic -> partitions(consumer, topic))
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
  }

  private static Stream<PartitionInfo> partitions(
      Consumer<byte[], byte[]> consumer, Topics.Topic topic) {
    @Nullable List<PartitionInfo> partitions = consumer.partitionsFor(topic.name());
    if (partitions == null || partitions.isEmpty()) {
      throw new CommandException(
          "Kafka has no topic %s. Of vectors it has one for each feature set that was activated; ./millrace status shows what is active."
              .formatted(topic.name()));
    }
    return partitions.stream();
  }

  /** Assigns the topics, and tells where each of their partitions ends now. */
  static Map<TopicPartition, Long> assignedEnds(
      Consumer<byte[], byte[]> consumer, Collection<Topics.Topic> topics, Duration timeout) {
    List<TopicPartition> partitions = partitions(consumer, topics);
    // Asked for partitions that are not assigned, the client warns of each.
    consumer.assign(partitions);
    return consumer.endOffsets(partitions, timeout);
  }

  static <T extends SpecificRecord> T decoded(
      MessageCodec<T> codec, ConsumerRecord<byte[], byte[]> message) {
    MessageCodec.Decoded<T> decoded = codec.decode(message.value());
    if (decoded.message() == null) {
      throw new IllegalStateException(
          "%s, partition %d, offset %d holds no message of ours: %s"
              .formatted(
                  message.topic(), message.partition(), message.offset(), decoded.violation()));
    }
    return decoded.message();
  }
}

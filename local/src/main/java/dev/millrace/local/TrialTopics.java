package dev.millrace.local;

import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of a trial, as Kafka has them. */
final class TrialTopics {

  private final ProofServers servers;
  private final MessageCodec<RawEventMessage> codec;
  private final List<String> names;
  private final int partitionCount;
  private final Patience patience;

  TrialTopics(
      ProofServers servers,
      MessageCodec<RawEventMessage> codec,
      List<String> names,
      int partitionCount,
      Patience patience) {
    this.servers = servers;
    this.codec = codec;
    this.names = List.copyOf(names);
    this.partitionCount = partitionCount;
    this.patience = patience;
  }

  List<String> names() {
    return names;
  }

  /** In which they are landed. */
  List<String> tables() {
    return names.stream().map(Topics::table).toList();
  }

  private Admin admin() {
    return servers.admin();
  }

  /** Returns when it is there. */
  void create(String topic) {
    KafkaTopics.answer(
        "create " + topic,
        admin().createTopics(List.of(new NewTopic(topic, partitionCount, (short) 1))).all());
    patience.await(topic + " is there", () -> !id(topic).isEmpty());
  }

  /** Returns when it is gone. */
  void delete(String topic) {
    KafkaTopics.answer("delete " + topic, admin().deleteTopics(List.of(topic)).all());
    patience.await(topic + " is gone", () -> id(topic).isEmpty());
  }

  /** Its topic id, empty if there is none of this name. */
  String id(String topic) {
    try {
      return Objects.requireNonNull(
              KafkaTopics.answer(
                      "describe " + topic, admin().describeTopics(List.of(topic)).allTopicNames())
                  .get(topic))
          .topicId()
          .toString();
    } catch (CommandException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return "";
      }
      throw e;
    }
  }

  Set<TopicPartition> partitions() {
    return names.stream()
        .flatMap(
            topic ->
                IntStream.range(0, partitionCount)
                    .mapToObj(partition -> new TopicPartition(topic, partition)))
        .collect(Collectors.toSet());
  }

  /** Behind the last record of each partition that is committed by now. */
  Map<TopicPartition, Long> committedEnds() {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions().forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    KafkaTopics.answer(
            "say where the topics end",
            admin()
                .listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all())
        .forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  /**
   * All that is committed by now.
   *
   * @param whole whether all of it must be landed
   */
  CommittedTopic committed(String topic, boolean whole) {
    try (Consumer<byte[], byte[]> consumer =
        CommittedRecords.consumer(servers.bootstrapServers())) {
      return CommittedTopic.read(consumer, codec, topic, id(topic), partitionCount, whole);
    }
  }
}

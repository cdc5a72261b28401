package dev.millrace.local;

import dev.millrace.schemas.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** How far the topics of a trial are landed. */
final class TrialLanding {

  private final Admin admin;
  private final String group;
  private final TrialTopics topics;
  private final Path lake;
  private final Map<String, TableLog> logs = new HashMap<>();

  TrialLanding(Admin admin, String group, TrialTopics topics, Path lake) {
    this.admin = admin;
    this.group = group;
    this.topics = topics;
    this.lake = lake;
  }

  /**
   * Whether all before those offsets is landed, as the tables say and the group. The group alone
   * may still tell the offsets of a topic that was deleted.
   */
  boolean reaches(Map<TopicPartition, Long> ends) {
    Map<String, String> ids = new HashMap<>();
    topics.names().forEach(topic -> ids.put(topic, topics.id(topic)));
    Map<TopicPartition, OffsetAndMetadata> told =
        KafkaTopics.answer(
            "say what is landed",
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    return ends.entrySet().stream()
        .allMatch(
            end -> {
              TopicPartition partition = end.getKey();
              @Nullable OffsetAndMetadata offset = told.get(partition);
              String id = String.valueOf(ids.get(partition.topic()));
              return offset != null
                  && offset.offset() >= end.getValue()
                  && landed(partition, id) + 1 >= end.getValue();
            });
  }

  /** How many commits to the tables did this, such as {@code OPTIMIZE}. */
  long commits(String operation) {
    return topics.tables().stream().mapToLong(table -> log(table).commits(operation)).sum();
  }

  private TableLog log(String table) {
    return logs.computeIfAbsent(table, name -> new TableLog(lake.resolve(name)));
  }

  private long landed(TopicPartition partition, String topicId) {
    String table = Topics.table(partition.topic());
    return log(table).landed("%s/%s/%d".formatted(table, topicId, partition.partition()));
  }
}

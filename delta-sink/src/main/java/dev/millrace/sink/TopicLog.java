package dev.millrace.sink;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/** What Kafka says of a topic now. */
class TopicLog implements AutoCloseable {

  /**
   * The offsets that a partition has.
   *
   * @param end of the record that comes next
   */
  record Bounds(long first, long end) {}

  private static final long SECONDS_TO_ANSWER = 30;

  private final Admin admin;

  TopicLog(Map<String, Object> admin) {
    this.admin = Admin.create(admin);
  }

  /**
   * The topic's id, which another topic of the same name does not have; empty if there is none.
   *
   * @throws RetriableException if Kafka does not answer
   */
  Optional<String> id(String topic) {
    try {
      return Optional.ofNullable(
              answer(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic))
          .map(description -> description.topicId().toString());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw away(topic, e);
    }
  }

  /**
   * @throws RetriableException if Kafka does not answer
   */
  Bounds bounds(TopicPartition partition) {
    try {
      return new Bounds(
          answer(
                  admin
                      .listOffsets(Map.of(partition, OffsetSpec.earliest()))
                      .partitionResult(partition))
              .offset(),
          answer(
                  admin
                      .listOffsets(Map.of(partition, OffsetSpec.latest()))
                      .partitionResult(partition))
              .offset());
    } catch (ExecutionException e) {
      throw away(partition.topic(), e);
    }
  }

  private static <T> T answer(KafkaFuture<T> future) throws ExecutionException {
    try {
      return future.get(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new RetriableException("Kafka did not answer for %d s".formatted(SECONDS_TO_ANSWER), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RetriableException("Interrupted while waiting for Kafka", e);
    }
  }

  private static ConnectException away(String topic, ExecutionException e) {
    String what = "Cannot ask Kafka about topic %s: %s".formatted(topic, e.getMessage());
    return e.getCause() instanceof org.apache.kafka.common.errors.RetriableException
        ? new RetriableException(what, e)
        : new ConnectException(
            what + "; the connector needs DESCRIBE on its topics, see admin.override.*", e);
  }

  @Override
  public void close() {
    admin.close();
  }
}

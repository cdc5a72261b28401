package dev.millrace.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** The partitions of the scores topic: whose scores stand where, and how far each goes. */
final class ScorePartitions {

  private static final String TOPIC = Topics.SCORES.name();

  private final Admin admin;
  private final Duration timeout;
  private final int count;

  /**
   * Asks for their number, which never changes while services run.
   *
   * @throws KafkaException if the broker does not answer
   */
  ScorePartitions(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeout = timeout;
    this.count =
        Objects.requireNonNull(
                answer(admin.describeTopics(List.of(TOPIC)).allTopicNames()).get(TOPIC))
            .partitions()
            .size();
  }

  /** Kafka's own choice for the record key, which is the user id. */
  int of(String userId) {
    return BuiltInPartitioner.partitionForKey(userId.getBytes(UTF_8), count);
  }

  /**
   * Up to where committed scores stand now.
   *
   * @throws KafkaException if the broker does not answer
   */
  long end(TopicPartition partition) {
    return answer(
            admin
                .listOffsets(
                    Map.of(partition, OffsetSpec.latest()),
                    new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .partitionResult(partition))
        .offset();
  }

  private <T> T answer(KafkaFuture<T> future) {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("Kafka does not answer about %s; is it there?".formatted(TOPIC), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("Interrupted while asking about " + TOPIC, e);
    }
  }
}

package dev.millrace.local;

import dev.millrace.schemas.Topics.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes topics as the services ask for them. */
final class KafkaTopics {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private KafkaTopics() {}

  /**
   * Creates those that are not there yet.
   *
   * @param partitions of each, unless its order needs a single one
   * @throws CommandException if Kafka does not
   */
  static void create(List<Topic> topics, int partitions, Admin admin) {
    admin
        .createTopics(
            topics.stream()
                .map(
                    topic ->
                        new NewTopic(
                                topic.name(), topic.singlePartition() ? 1 : partitions, (short) 1)
                            .configs(topic.config()))
                .toList())
        .values()
        .forEach(KafkaTopics::created);
  }

  /**
   * Creates a topic with as many partitions as the other has, unless it is there.
   *
   * @throws CommandException if Kafka does not, or it is there with another number
   */
  static void createBeside(Topic other, Topic topic, Admin admin) {
    int partitions = partitions(other, admin);
    create(List.of(topic), partitions, admin);
    int actual = partitions(topic, admin);
    if (actual != partitions) {
      throw new CommandException(
          "The topic %s is there already with %d partitions, and %s has %d; a user's events meet only if they are as many. Delete it, or give it as many."
              .formatted(topic.name(), actual, other.name(), partitions));
    }
  }

  private static int partitions(Topic topic, Admin admin) {
    return answer(
            "describe " + topic.name(), admin.describeTopics(List.of(topic.name())).allTopicNames())
        .values()
        .iterator()
        .next()
        .partitions()
        .size();
  }

  private static void created(String topic, KafkaFuture<Void> future) {
    try {
      answer("create the topic " + topic, future);
    } catch (CommandException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  /**
   * What Kafka answers.
   *
   * @param asked completes "Kafka did not"
   * @throws CommandException with Kafka's own exception as its cause, or if no answer comes
   */
  static <T> T answer(String asked, KafkaFuture<T> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandException("Kafka did not %s: %s".formatted(asked, cause), cause);
    } catch (TimeoutException e) {
      throw new CommandException(
          "Kafka did not %s within %d s; is it well?".formatted(asked, PATIENCE.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while Kafka was asked to " + asked, e);
    }
  }
}

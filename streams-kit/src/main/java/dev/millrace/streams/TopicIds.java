package dev.millrace.streams;

import dev.millrace.core.Origin;
import dev.millrace.schemas.Topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The broker's ids of the topics that a service uses, asked once: when it starts, and of a topic
 * that becomes needed later, then.
 */
public final class TopicIds {

  /** Settings that outcomes depend on; the others are an operator's choice. */
  private static final Set<String> BINDING =
      Set.of("message.timestamp.type", "compression.type", "cleanup.policy", "retention.ms");

  private final Admin admin;
  private final Duration timeout;
  private final Map<String, String> idsByName = new ConcurrentHashMap<>();

  /** One that each topic keyed by user is compared with; null if none is needed. */
  private final @Nullable Topic keyedByUser;

  private TopicIds(Admin admin, Duration timeout, @Nullable Topic keyedByUser) {
    this.admin = admin;
    this.timeout = timeout;
    this.keyedByUser = keyedByUser;
  }

  /**
   * Finds the topics and checks that they fit together.
   *
   * @throws StartupException if one is missing or has a setting that would change outcomes, if
   *     topics keyed by user differ in their partition count, or if the broker does not answer
   */
  public static TopicIds require(Admin admin, List<Topic> topics, Duration timeout) {
    TopicIds ids =
        new TopicIds(
            admin,
            timeout,
            topics.stream().filter(topic -> !topic.singlePartition()).findFirst().orElse(null));
    ids.find(topics);
    return ids;
  }

  private void find(List<Topic> topics) {
    Map<String, TopicDescription> found = describe(admin, topics, timeout);
    List<String> missing =
        topics.stream().map(Topic::name).filter(name -> !found.containsKey(name)).sorted().toList();
    if (!missing.isEmpty()) {
      throw new StartupException(
          "Topics are missing: %s.".formatted(String.join(", ", missing)),
          "Create them (docs/architecture.md lists their settings), or correct"
              + " millrace.bootstrap-servers if this is another cluster.");
    }
    Map<String, Integer> partitions = new TreeMap<>();
    for (Topic topic : topics) {
      int count = Objects.requireNonNull(found.get(topic.name())).partitions().size();
      if (topic.singlePartition() && count != 1) {
        throw new StartupException(
            "Topic %s has %d partitions, and its order needs a single one."
                .formatted(topic.name(), count),
            "Create it again with one partition; its records must be carried over in order.");
      }
      if (!topic.singlePartition()) {
        partitions.put(topic.name(), count);
      }
    }
    if (new TreeSet<>(partitions.values()).size() > 1) {
      throw new StartupException(
          "Topics keyed by user must have the same number of partitions, and have %s."
              .formatted(partitions),
          "Give them the same number; a user's events meet only if the keys fall alike.");
    }
    requireSettings(admin, topics, timeout);
    found.values().forEach(topic -> idsByName.put(topic.name(), topic.topicId().toString()));
  }

  /**
   * Finds a topic that became needed after the start, and checks that it fits the others.
   *
   * @throws StartupException as {@link #require(Admin, List, Duration)}
   */
  public void alsoRequire(Topic topic) {
    if (!idsByName.containsKey(topic.name())) {
      find(keyedByUser == null ? List.of(topic) : List.of(keyedByUser, topic));
    }
  }

  /** The place of a record that a topology reads. */
  public Origin origin(RecordMetadata metadata) {
    return new Origin(id(metadata.topic()), metadata.partition(), metadata.offset());
  }

  /**
   * The topic's id; one that nobody asked for yet is asked for now.
   *
   * @throws StartupException if there is no such topic, or the broker does not answer
   */
  public String id(String topic) {
    return idsByName.computeIfAbsent(topic, this::ask);
  }

  private String ask(String name) {
    return KafkaAnswer.of(
            Objects.requireNonNull(admin.describeTopics(List.of(name)).topicNameValues().get(name)),
            timeout)
        .topicId()
        .toString();
  }

  private static Map<String, TopicDescription> describe(
      Admin admin, List<Topic> topics, Duration timeout) {
    DescribeTopicsResult result = admin.describeTopics(topics.stream().map(Topic::name).toList());
    Map<String, TopicDescription> found = new TreeMap<>();
    result.topicNameValues().forEach((name, future) -> answer(future, timeout, found));
    return found;
  }

  private static void requireSettings(Admin admin, List<Topic> topics, Duration timeout) {
    Map<ConfigResource, Topic> byResource = new HashMap<>();
    for (Topic topic : topics) {
      if (topic.config().keySet().stream().anyMatch(BINDING::contains)) {
        byResource.put(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), topic);
      }
    }
    List<String> wrong = new ArrayList<>();
    admin
        .describeConfigs(byResource.keySet())
        .values()
        .forEach(
            (resource, future) -> {
              Config actual = KafkaAnswer.of(future, timeout);
              Topic topic = Objects.requireNonNull(byResource.get(resource));
              topic
                  .config()
                  .forEach(
                      (key, value) -> {
                        ConfigEntry entry = actual.get(key);
                        if (BINDING.contains(key)
                            && entry != null
                            && !value.equals(entry.value())) {
                          wrong.add(
                              "%s has %s=%s and needs %s"
                                  .formatted(topic.name(), key, entry.value(), value));
                        }
                      });
            });
    if (!wrong.isEmpty()) {
      wrong.sort(Comparator.naturalOrder());
      throw new StartupException(
          "Topics have settings that would change outcomes: %s."
              .formatted(String.join("; ", wrong)),
          "Alter them; docs/architecture.md says what each is for.");
    }
  }

  private static void answer(
      KafkaFuture<TopicDescription> future, Duration timeout, Map<String, TopicDescription> found) {
    try {
      TopicDescription description = KafkaAnswer.of(future, timeout);
      found.put(description.name(), description);
    } catch (StartupException e) {
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
    }
  }
}

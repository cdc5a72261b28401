package dev.millrace.local;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.Digest128;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Counts committed records of every topic. Offsets would not do: transactions leave gaps in them.
 * For one thread.
 */
final class TopicCounts implements AutoCloseable {

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final MessageCodec<QuarantinedEventMessage> quarantined;
  private final MessageCodec<ScoreMessage> scores;

  private final Map<String, Long> byTopic = new TreeMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private final Map<String, Long> quarantinedByStage = new TreeMap<>();
  private final Map<String, Long> quarantinedByRule = new TreeMap<>();
  private final Map<String, Long> quarantinedByModel = new TreeMap<>();
  private final Map<String, Long> scoresByModel = new TreeMap<>();
  private final Set<String> users = new HashSet<>();
  private @Nullable String lastUser;

  /** Sums of the scores' digests: equal for equal sets, in whatever order they come. */
  private long scoreSetHigh;

  private long scoreSetLow;
  private long firstScoreAt;

  private TopicCounts(String bootstrapServers, SchemaRegistry registry) {
    this.quarantined = MessageCodec.registered(registry, Topics.QUARANTINED);
    this.scores = MessageCodec.registered(registry, Topics.SCORES);
    this.consumer = CommittedRecords.consumer(bootstrapServers);
  }

  /** All there ever were on these topics, and those to come. */
  static TopicCounts of(
      Collection<Topics.Topic> topics, String bootstrapServers, SchemaRegistry registry) {
    TopicCounts counts = new TopicCounts(bootstrapServers, registry);
    counts.consumer.assign(CommittedRecords.partitions(counts.consumer, topics));
    return counts;
  }

  /** Those to come. */
  static TopicCounts fromNowOn(String bootstrapServers, SchemaRegistry registry) {
    TopicCounts counts = new TopicCounts(bootstrapServers, registry);
    CommittedRecords.assignedEnds(counts.consumer, Topics.ALL, ANSWER_TIMEOUT)
        .forEach(counts.consumer::seek);
    return counts;
  }

  /** Counts what has come, waiting for it at most so long; tells whether anything had. */
  boolean poll(Duration timeout) {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
    records.forEach(this::count);
    return !records.isEmpty();
  }

  /** Counts what is there now; tells whether it could be done in that time. */
  boolean readToEnd(Duration timeout) {
    long start = System.nanoTime();
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), timeout);
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey(), timeout) < end.getValue())) {
      if (System.nanoTime() - start > timeout.toNanos()) {
        return false;
      }
      poll(Duration.ofMillis(100));
    }
    return true;
  }

  private void count(ConsumerRecord<byte[], byte[]> message) {
    String topic = message.topic();
    byTopic.merge(topic, 1L, Long::sum);
    ends.put(new TopicPartition(topic, message.partition()), message.offset() + 1);
    if (topic.equals(Topics.QUARANTINED.name())) {
      countQuarantined(CommittedRecords.decoded(quarantined, message));
    } else if (topic.equals(Topics.SCORES.name())) {
      countScore(CommittedRecords.decoded(scores, message));
    }
  }

  private void countQuarantined(QuarantinedEventMessage event) {
    quarantinedByStage.merge(event.getStage(), 1L, Long::sum);
    if (event.getModel() != null) {
      quarantinedByModel.merge(event.getModel(), 1L, Long::sum);
    }
    event.getViolations().stream()
        .map(violation -> violation.getRule())
        .distinct()
        .forEach(rule -> quarantinedByRule.merge(rule, 1L, Long::sum));
  }

  private void countScore(ScoreMessage score) {
    if (firstScoreAt == 0) {
      firstScoreAt = System.currentTimeMillis();
    }
    scoresByModel.merge(score.getModel(), 1L, Long::sum);
    users.add(score.getUserId());
    Digest128 digest =
        CanonicalHash.start()
            .add(score.getUserId())
            .add(score.getEventId())
            .add(score.getModel())
            .add(score.getModelVersion())
            .add(score.getScore())
            .add(score.getVectorSha256())
            .digest128();
    scoreSetHigh += digest.high();
    scoreSetLow += digest.low();
    lastUser = score.getUserId();
  }

  Counts counts() {
    return new Counts(
        byTopic,
        quarantinedByStage,
        quarantinedByRule,
        quarantinedByModel,
        scoresByModel,
        users.size());
  }

  /** The place behind the last record that was counted, of each partition that had one. */
  Map<TopicPartition, Long> ends() {
    return Map.copyOf(ends);
  }

  /** Epoch millis when the first score was seen here. */
  OptionalLong firstScoreAt() {
    return firstScoreAt == 0 ? OptionalLong.empty() : OptionalLong.of(firstScoreAt);
  }

  /** Names the set of (user, event, model, score, vector) on the topic. */
  String scoreSet() {
    return new Digest128(scoreSetHigh, scoreSetLow).hex();
  }

  /** Somebody who has a score. */
  Optional<String> aScoredUser() {
    return Optional.ofNullable(lastUser);
  }

  @Override
  public void close() {
    consumer.close();
  }
}

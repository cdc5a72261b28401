package dev.millrace.benchmarks.sidebyside;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The end of a topic, as a reader of committed records sees it. Looking at it costs nearly nothing;
 * records are only counted when nothing is measured.
 */
final class Outlet implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final String topic;
  private final List<TopicPartition> partitions;
  private final KafkaConsumer<byte[], byte[]> consumer;

  Outlet(String bootstrapServers, String topic, int partitions) {
    this.topic = topic;
    this.partitions =
        IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(this.partitions);
  }

  /** Where the committed records end, by partition. */
  Map<TopicPartition, Long> end() {
    return consumer.endOffsets(partitions);
  }

  /** How far two ends are apart; more than the records between, since commits take offsets too. */
  static long distance(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    return to.entrySet().stream()
        .mapToLong(entry -> entry.getValue() - from.getOrDefault(entry.getKey(), 0L))
        .sum();
  }

  /**
   * Waits until so many records have come out, and counts them.
   *
   * @throws IllegalStateException if they do not come, or more do
   */
  void await(long expected, Map<TopicPartition, Long> from) {
    long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
    long count = 0;
    from.forEach(consumer::seek);
    while (count < expected) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "%d records came out at %s in %d s, of %d that went in"
                .formatted(count, topic, LONGEST_WAIT.toSeconds(), expected));
      }
      count += consumer.poll(POLL).count();
    }
  }

  /**
   * Counts the committed records between two ends.
   *
   * @throws IllegalStateException if they are not as many as expected
   */
  void require(long expected, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    from.forEach(consumer::seek);
    long count = 0;
    while (partitions.stream().anyMatch(one -> consumer.position(one) < to.getOrDefault(one, 0L))) {
      count += consumer.poll(POLL).count();
    }
    if (count != expected) {
      throw new IllegalStateException(
          "%d records came out at %s, of %d that went in".formatted(count, topic, expected));
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}

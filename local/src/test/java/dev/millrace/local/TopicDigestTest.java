package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schemas.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicDigestTest {

  private static final Topics.Topic TOPIC = Topics.INBOUND;

  @TempDir private Path work;

  private record Put(int partition, String key, String value) {}

  /**
   * Reads a topic.
   *
   * @param later records that come while it is read
   */
  private TopicDigest digest(List<Put> records, List<Put> later) {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    List<TopicPartition> partitions =
        IntStream.range(0, 2).mapToObj(number -> new TopicPartition(TOPIC.name(), number)).toList();
    Node[] none = {};
    consumer.updatePartitions(
        TOPIC.name(),
        partitions.stream()
            .map(p -> new PartitionInfo(p.topic(), p.partition(), Node.noNode(), none, none))
            .toList());
    Map<TopicPartition, Long> begins = new HashMap<>();
    Map<TopicPartition, Long> ends = new HashMap<>();
    partitions.forEach(
        partition -> {
          begins.put(partition, 0L);
          ends.put(
              partition,
              records.stream().filter(put -> put.partition() == partition.partition()).count());
        });
    consumer.updateBeginningOffsets(begins);
    consumer.updateEndOffsets(ends);
    consumer.schedulePollTask(
        () -> {
          Map<Integer, Long> next = new HashMap<>();
          List<Put> all = new ArrayList<>(records);
          all.addAll(later);
          for (Put put : all) {
            long offset = next.merge(put.partition(), 1L, Long::sum) - 1;
            consumer.addRecord(
                new ConsumerRecord<>(
                    TOPIC.name(),
                    put.partition(),
                    offset,
                    put.key().getBytes(UTF_8),
                    put.value().getBytes(UTF_8)));
          }
        });
    return TopicDigest.read(consumer, TOPIC, null, work.resolve("digest"), count -> {});
  }

  @Test
  void equalRecordsHaveOneDigestWhateverTheirOrderAndPartitions() {
    TopicDigest one =
        digest(
            List.of(new Put(0, "a", "1"), new Put(0, "b", "2"), new Put(1, "c", "3")), List.of());
    TopicDigest other =
        digest(
            List.of(new Put(1, "c", "3"), new Put(1, "a", "1"), new Put(0, "b", "2")), List.of());

    assertThat(one.records()).isEqualTo(3);
    assertThat(other).isEqualTo(one);
    assertThat(
            digest(
                List.of(new Put(0, "a", "1"), new Put(0, "b", "3"), new Put(1, "c", "2")),
                List.of()))
        .isNotEqualTo(one);
  }

  @Test
  void whatComesWhileItIsReadDoesNotCount() {
    List<Put> records = List.of(new Put(0, "a", "1"), new Put(1, "b", "2"));

    assertThat(digest(records, List.of(new Put(0, "c", "3"), new Put(1, "d", "4"))))
        .isEqualTo(digest(records, List.of()));
  }

  @Test
  void anEmptyTopicHasTheDigestOfNothing() {
    assertThat(digest(List.of(), List.of()).records()).isZero();
  }
}

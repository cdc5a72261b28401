package dev.millrace.local;

import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** The end of {@code events.quarantined}; for one thread. */
final class QuarantineTopic {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;
  private final MessageCodec<QuarantinedEventMessage> codec;
  private final int firstLook;

  /**
   * The caller closes the consumer.
   *
   * @param firstLook so many offsets are looked back at first, in each partition
   */
  QuarantineTopic(Consumer<byte[], byte[]> consumer, SchemaRegistry registry, int firstLook) {
    this.firstLook = firstLook;
    this.consumer = consumer;
    this.codec = MessageCodec.registered(registry, Topics.QUARANTINED);
  }

  /** The latest by their arrival, the last one last. */
  List<Quarantined> latest(int number) {
    Map<TopicPartition, Long> ends =
        CommittedRecords.assignedEnds(consumer, List.of(Topics.QUARANTINED), PATIENCE);
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(ends.keySet(), PATIENCE);
    List<Quarantined> found = new ArrayList<>();
    ends.forEach(
        (partition, end) -> {
          long start = Objects.requireNonNull(starts.get(partition));
          latest(partition, start, end, number).forEach(entry -> found.add(quarantined(entry)));
        });
    found.sort(Comparator.comparing(Quarantined::when));
    return List.copyOf(found.subList(Math.max(0, found.size() - number), found.size()));
  }

  /**
   * Looks back further and further, since offsets have gaps and a long topic takes long to read.
   */
  private Deque<ConsumerRecord<byte[], byte[]>> latest(
      TopicPartition partition, long start, long end, int number) {
    for (long window = firstLook; ; window *= 8) {
      long from = Math.max(start, end - window);
      Deque<ConsumerRecord<byte[], byte[]>> last = last(partition, from, end, number);
      if (last.size() == number || from == start) {
        return last;
      }
    }
  }

  private Deque<ConsumerRecord<byte[], byte[]>> last(
      TopicPartition partition, long from, long end, int number) {
    Deque<ConsumerRecord<byte[], byte[]>> last = new ArrayDeque<>();
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    long began = System.nanoTime();
    while (consumer.position(partition, PATIENCE) < end) {
      for (ConsumerRecord<byte[], byte[]> entry : consumer.poll(POLL)) {
        last.addLast(entry);
        if (last.size() > number) {
          last.removeFirst();
        }
      }
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new CommandException(
            "%s could not be read to its end, offset %d, in %d s; is Kafka well?"
                .formatted(partition, end, PATIENCE.toSeconds()));
      }
    }
    return last;
  }

  private Quarantined quarantined(ConsumerRecord<byte[], byte[]> entry) {
    QuarantinedEventMessage event = CommittedRecords.decoded(codec, entry);
    return new Quarantined(
        Objects.requireNonNullElse(event.getReceivedAt(), Instant.ofEpochMilli(entry.timestamp())),
        event);
  }
}

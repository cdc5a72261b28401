package dev.millrace.local;

import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a topic holds, in one digest: equal for equal records, whatever their order, their
 * partitions and their offsets.
 *
 * @param records committed ones
 * @param sha256 of the records' digests in their order
 */
record TopicDigest(long records, String sha256) {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Reads the topic from its beginning to where it ends now. The caller closes the consumer.
   *
   * @param codec null where the topic's values are anybody's bytes
   * @param directory for files while it is read
   * @param progress is told how many records have been read
   * @throws CommandException if nothing more comes for 30 s
   */
  static TopicDigest read(
      Consumer<byte[], byte[]> consumer,
      Topics.Topic topic,
      @Nullable MessageCodec<? extends SpecificRecord> codec,
      Path directory,
      LongConsumer progress) {
    Map<TopicPartition, Long> ends =
        CommittedRecords.assignedEnds(consumer, List.of(topic), PATIENCE);
    consumer.seekToBeginning(ends.keySet());
    Set<TopicPartition> left = new HashSet<>(ends.keySet());
    try (SortedDigests digests = new SortedDigests(directory)) {
      long movedAt = System.nanoTime();
      while (true) {
        left.removeIf(
            partition ->
                consumer.position(partition, PATIENCE)
                    >= Objects.requireNonNull(ends.get(partition)));
        if (left.isEmpty()) {
          return new TopicDigest(digests.count(), digests.sha256());
        }
        consumer.pause(ends.keySet().stream().filter(end -> !left.contains(end)).toList());
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        for (ConsumerRecord<byte[], byte[]> entry : records) {
          TopicPartition partition = new TopicPartition(entry.topic(), entry.partition());
          if (entry.offset() < Objects.requireNonNull(ends.get(partition))) {
            digests.add(digest(entry, codec));
          }
        }
        progress.accept(digests.count());
        movedAt = records.isEmpty() ? movedAt : System.nanoTime();
        if (System.nanoTime() - movedAt > PATIENCE.toNanos()) {
          throw new CommandException(
              "%s could not be read to its end: nothing came for %d s after %,d records. Is Kafka well? ./millrace status tells"
                  .formatted(topic.name(), PATIENCE.toSeconds(), digests.count()));
        }
      }
    }
  }

  private static byte[] digest(
      ConsumerRecord<byte[], byte[]> entry,
      @Nullable MessageCodec<? extends SpecificRecord> codec) {
    if (codec != null && entry.value() != null) {
      @Nullable SpecificRecord message = codec.decode(entry.value()).message();
      if (message != null) {
        return RecordDigest.of(entry.key(), message);
      }
    }
    return RecordDigest.ofBytes(entry.key(), entry.value());
  }
}

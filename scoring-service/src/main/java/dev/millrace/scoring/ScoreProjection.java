package dev.millrace.scoring;

import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.MessageCodec;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.listener.BatchConsumerAwareMessageListener;
import org.springframework.kafka.listener.ConsumerSeekAware;

/**
 * Carries committed scores from their topic to Redis, outside any stream thread. While Redis is
 * away the container gives the same batch again, and lookups say 503. What a Redis that came back
 * empty has lost is read again from the topic's beginning.
 */
final class ScoreProjection
    implements BatchConsumerAwareMessageListener<String, byte[]>, ConsumerSeekAware {

  private final MessageCodec<ScoreMessage> codec;
  private final LatestScores latest;
  private final ScorePartitions partitions;
  private final Counter projected;
  private final Counter unreadable;

  /**
   * A partition's reading from its beginning.
   *
   * @param until the position at which nothing is missing any more
   * @param token as Redis knows it
   */
  private record Mending(long until, String token) {}

  private interface Rewind {
    void toBeginning(TopicPartition partition);
  }

  private final Map<TopicPartition, Mending> mending = new HashMap<>();

  ScoreProjection(
      MessageCodec<ScoreMessage> codec,
      LatestScores latest,
      ScorePartitions partitions,
      MeterRegistry metrics) {
    this.codec = codec;
    this.latest = latest;
    this.partitions = partitions;
    this.projected = metrics.counter("millrace.scores.projected");
    this.unreadable = metrics.counter("millrace.scores.unreadable");
  }

  @Override
  public void onMessage(
      List<ConsumerRecord<String, byte[]>> scores, @Nullable Consumer<?, ?> consumer) {
    // Only the last score of a batch matters to a slot.
    Map<List<String>, LatestScores.Entry> last = new LinkedHashMap<>();
    for (ConsumerRecord<String, byte[]> score : scores) {
      byte[] value = score.value() == null ? new byte[0] : score.value();
      ScoreMessage message = codec.decode(value).message();
      if (message == null) {
        unreadable.increment(); // Nobody's latest score; it stays on the topic to be looked at.
      } else {
        String slot = slot(message);
        last.put(
            List.of(message.getUserId(), slot),
            new LatestScores.Entry(message.getUserId(), slot, score.offset(), value));
      }
    }
    latest.write(last.values());
    projected.increment(scores.size());
    // All, since a partition without scores is in no batch.
    Map<TopicPartition, Long> positions = new HashMap<>();
    Consumer<?, ?> reader = Objects.requireNonNull(consumer);
    reader.assignment().forEach(partition -> positions.put(partition, reader.position(partition)));
    mend(positions, partition -> reader.seekToBeginning(List.of(partition)));
  }

  /** Another instance may have read on from elsewhere. */
  @Override
  public void onPartitionsAssigned(
      Map<TopicPartition, Long> assignments, ConsumerSeekCallback callback) {
    mending.clear();
  }

  /** Without new scores nobody else would notice what is missing. */
  @Override
  public void onIdleContainer(Map<TopicPartition, Long> positions, ConsumerSeekCallback callback) {
    mend(positions, partition -> callback.seekToBeginning(List.of(partition)));
  }

  /**
   * A partition is noted as whole only at the end, so that a crash meanwhile begins anew.
   *
   * @param rewind at once, since the same batch may be given again before the next is read
   */
  private void mend(Map<TopicPartition, Long> positions, Rewind rewind) {
    Set<Integer> whole = latest.wholePartitions();
    positions.forEach(
        (partition, position) -> {
          if (whole.contains(partition.partition())) {
            return;
          }
          Mending begun = mending.get(partition);
          if (begun == null) {
            begin(partition, rewind);
          } else if (position >= begun.until()) {
            end(partition, begun, rewind);
          }
        });
  }

  /**
   * To the topic's end and not to where this consumer stood: it may have been thrown back by a
   * crash during an earlier reading.
   */
  private void begin(TopicPartition partition, Rewind rewind) {
    Mending begun = new Mending(partitions.end(partition), UUID.randomUUID().toString());
    latest.beginMending(partition.partition(), begun.token());
    if (begun.until() == 0) {
      end(partition, begun, rewind); // There is nothing that could be missing.
    } else {
      rewind.toBeginning(partition);
      mending.put(partition, begun);
    }
  }

  private void end(TopicPartition partition, Mending begun, Rewind rewind) {
    mending.remove(partition);
    if (!latest.endMending(partition.partition(), begun.token())) {
      begin(partition, rewind); // Redis lost its data again while it was filled.
    }
  }

  static String slot(ScoreMessage score) {
    return score.getModel() + (score.getShadow() ? "/shadow" : "/champion");
  }
}

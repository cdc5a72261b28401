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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConsumerSeekAware;

/**
 * Carries committed scores from their topic to Redis, outside any stream thread. While Redis is
 * away the container gives the same batch again, and lookups say 503. What a Redis that came back
 * empty has lost is read again from the topic's beginning.
 */
final class ScoreProjection implements BatchMessageListener<String, byte[]>, ConsumerSeekAware {

  private final MessageCodec<ScoreMessage> codec;
  private final LatestScores latest;
  private final Counter projected;
  private final Counter unreadable;

  /**
   * A partition's reading from its beginning.
   *
   * @param until the offset up to which
   * @param token as Redis knows it
   */
  private record Mending(long until, String token) {}

  private final Map<TopicPartition, Mending> mending = new HashMap<>();

  private @Nullable ConsumerSeekCallback seek;

  ScoreProjection(MessageCodec<ScoreMessage> codec, LatestScores latest, MeterRegistry metrics) {
    this.codec = codec;
    this.latest = latest;
    this.projected = metrics.counter("millrace.scores.projected");
    this.unreadable = metrics.counter("millrace.scores.unreadable");
  }

  @Override
  public void onMessage(List<ConsumerRecord<String, byte[]>> scores) {
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
    Map<TopicPartition, Long> readTo = new HashMap<>();
    scores.forEach(
        score -> readTo.put(new TopicPartition(score.topic(), score.partition()), score.offset()));
    mend(readTo);
  }

  @Override
  public void registerSeekCallback(ConsumerSeekCallback callback) {
    seek = callback;
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
    mend(positions);
  }

  /** A partition is noted as whole only at the end, so that a crash meanwhile begins anew. */
  private void mend(Map<TopicPartition, Long> readTo) {
    Set<Integer> whole = latest.wholePartitions();
    readTo.forEach(
        (partition, offset) -> {
          if (whole.contains(partition.partition())) {
            return;
          }
          Mending begun = mending.get(partition);
          if (begun == null) {
            begin(partition, offset);
          } else if (offset >= begun.until()
              && !latest.endMending(partition.partition(), begun.token())) {
            begin(partition, offset); // Redis lost its data again while it was filled.
          } else if (offset >= begun.until()) {
            mending.remove(partition);
          }
        });
  }

  private void begin(TopicPartition partition, long until) {
    String token = UUID.randomUUID().toString();
    latest.beginMending(partition.partition(), token);
    mending.put(partition, new Mending(until, token));
    Objects.requireNonNull(seek).seekToBeginning(List.of(partition));
  }

  static String slot(ScoreMessage score) {
    return score.getModel() + (score.getShadow() ? "/shadow" : "/champion");
  }
}

package dev.millrace.scoring;

import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.MessageCodec;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.listener.BatchMessageListener;

/**
 * Carries committed scores from their topic to Redis, outside any stream thread. While Redis is
 * away the container gives the same batch again, and lookups say 503.
 */
final class ScoreProjection implements BatchMessageListener<String, byte[]> {

  private final MessageCodec<ScoreMessage> codec;
  private final LatestScores latest;
  private final Counter projected;
  private final Counter unreadable;

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
  }

  static String slot(ScoreMessage score) {
    return score.getModel() + (score.getShadow() ? "/shadow" : "/champion");
  }
}

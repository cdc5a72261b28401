package dev.millrace.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schemas.Topics;
import dev.millrace.servers.LocalRedis;
import dev.millrace.streams.Surroundings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.kafka.listener.ConsumerSeekAware.ConsumerSeekCallback;

/** When a partition is whole; positions are set by hand. */
class ScoreProjectionIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String USER = "pat";

  private final Surroundings surroundings = Surroundings.shared();
  private final ScoringMessages messages = ScoringMessages.registered(surroundings.registry());
  private final ScorePartitions partitions = new ScorePartitions(surroundings.admin(), PATIENCE);
  private final Rewinds rewinds = new Rewinds();
  @TempDir private Path folder;
  private LocalRedis redis;
  private LatestScores latest;
  private ScoreProjection projection;

  @BeforeEach
  void start() {
    redis = LocalRedis.start(folder);
    latest = new LatestScores(URI.create(redis.uri()), PATIENCE, "epoch");
    projection =
        new ScoreProjection(messages.score(), latest, partitions, new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    latest.close();
    redis.close();
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition(Topics.SCORES.name(), number);
  }

  private byte[] aScore() {
    return messages.score().encode(ScoreLookupIT.message(USER));
  }

  private TopicPartition publishTwice() {
    surroundings.send(Topics.SCORES, USER, aScore());
    surroundings.send(Topics.SCORES, USER, aScore());
    return partition(partitions.of(USER));
  }

  @Test
  void aConsumerThatACrashThrewBackReadsToTheEndBeforeAPartitionIsWhole() {
    TopicPartition partition = publishTwice();
    long end = partitions.end(partition);

    projection.onIdleContainer(Map.of(partition, 1L), rewinds);
    assertThat(rewinds.toBeginning).containsExactly(partition);
    projection.onIdleContainer(Map.of(partition, end - 1), rewinds);
    assertThat(latest.wholePartitions()).isEmpty();

    projection.onIdleContainer(Map.of(partition, end), rewinds);
    assertThat(latest.wholePartitions()).containsExactly(partition.partition());
  }

  @Test
  void aPartitionWithoutScoresBecomesWholeWhileOthersAreBusy() {
    TopicPartition busy = publishTwice();
    TopicPartition quiet = partition(1 - busy.partition());
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    consumer.assign(List.of(busy, quiet));
    consumer.updateBeginningOffsets(Map.of(busy, 0L, quiet, 0L));
    consumer.seek(busy, 1);
    consumer.seek(quiet, 0);
    List<ConsumerRecord<String, byte[]>> batch =
        List.of(new ConsumerRecord<>(busy.topic(), busy.partition(), 0, USER, aScore()));

    projection.onMessage(batch, consumer);
    assertThat(consumer.position(busy)).as("read from the beginning").isZero();
    consumer.seek(quiet, partitions.end(quiet));
    projection.onMessage(batch, consumer);

    assertThat(latest.wholePartitions()).containsExactly(quiet.partition());
  }

  @Test
  void aRedisThatLosesItsDataWhileItIsFilledIsFilledAnew() {
    TopicPartition partition = publishTwice();
    long end = partitions.end(partition);
    projection.onIdleContainer(Map.of(partition, end), rewinds);
    latest.beginMending(partition.partition(), "as if the note was lost");

    projection.onIdleContainer(Map.of(partition, end), rewinds);

    assertThat(rewinds.toBeginning).containsExactly(partition, partition);
    assertThat(latest.wholePartitions()).isEmpty();
  }

  /** Where the projection wants to begin again. */
  private static final class Rewinds implements ConsumerSeekCallback {

    private final List<TopicPartition> toBeginning = new ArrayList<>();

    @Override
    public void seekToBeginning(Collection<TopicPartition> partitions) {
      toBeginning.addAll(partitions);
    }

    @Override
    public void seekToBeginning(String topic, int partition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seek(String topic, int partition, long offset) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seek(String topic, int partition, Function<Long, Long> offsetComputeFunction) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seekToEnd(String topic, int partition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seekRelative(String topic, int partition, long offset, boolean toCurrent) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seekToTimestamp(String topic, int partition, long timestamp) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seekToTimestamp(Collection<TopicPartition> topicPartitions, long timestamp) {
      throw new UnsupportedOperationException();
    }
  }
}

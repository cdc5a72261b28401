package dev.millrace.sink;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/**
 * A task, driven step by step as Connect's worker drives it: seek where it said, poll, put, and put
 * again what it could not take.
 */
final class TaskLoop implements SinkTaskContext, AutoCloseable {

  private final DeltaSinkTask task = new DeltaSinkTask();
  private final Map<String, String> config;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> seeks = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> current = new LinkedHashMap<>();
  private final List<SinkRecord> batch = new ArrayList<>();
  private final boolean deadLetters;

  final List<String> reported = new ArrayList<>();
  final List<RetriableException> retries = new ArrayList<>();

  TaskLoop(Map<String, String> config, String topic, int partitions) {
    this(config, topic, partitions, true);
  }

  TaskLoop(Map<String, String> config, String topic, int partitions, boolean deadLetters) {
    this.config = config;
    this.deadLetters = deadLetters;
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                config.get(SinkConfig.BOOTSTRAP_SERVERS),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest",
                "metadata.max.age.ms",
                500),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> assigned =
        IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    consumer.assign(assigned);
    task.initialize(this);
    task.start(config);
    assigned.forEach(partition -> current.put(partition, new OffsetAndMetadata(0)));
    task.open(assigned);
    rewind();
  }

  private void rewind() {
    seeks.forEach(
        (partition, offset) -> {
          consumer.seek(partition, offset);
          current.put(partition, new OffsetAndMetadata(offset));
        });
    seeks.clear();
  }

  void turn() {
    rewind();
    if (batch.isEmpty()) {
      consumer.poll(Duration.ofMillis(50)).forEach(this::add);
    }
    try {
      task.put(new ArrayList<>(batch));
      batch.forEach(
          record ->
              current.put(
                  new TopicPartition(record.topic(), record.kafkaPartition()),
                  new OffsetAndMetadata(record.kafkaOffset() + 1)));
      batch.clear();
    } catch (RetriableException e) {
      retries.add(e);
    }
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    batch.add(
        new SinkRecord(
            record.topic(),
            record.partition(),
            null,
            record.key(),
            null,
            record.value(),
            record.offset(),
            record.timestamp(),
            record.timestampType()));
  }

  void turnUntil(BooleanSupplier done) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "Not done after 30 s; reported %s, retries %s".formatted(reported, retries));
      }
      turn();
    }
  }

  /** Records that were read and have not landed, as far as the task tells. */
  long waiting() {
    Map<TopicPartition, Long> done = committed();
    return current.entrySet().stream()
        .mapToLong(entry -> entry.getValue().offset() - done.getOrDefault(entry.getKey(), 0L))
        .sum();
  }

  Map<TopicPartition, Long> committed() {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    task.preCommit(new HashMap<>(current))
        .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
    return offsets;
  }

  @Override
  public ErrantRecordReporter errantRecordReporter() {
    return deadLetters
        ? (record, error) -> {
          reported.add(error.getMessage());
          return CompletableFuture.completedFuture(null);
        }
        : null;
  }

  @Override
  public Map<String, String> configs() {
    return config;
  }

  @Override
  public void offset(Map<TopicPartition, Long> offsets) {
    seeks.putAll(offsets);
  }

  @Override
  public void offset(TopicPartition partition, long offset) {
    seeks.put(partition, offset);
  }

  @Override
  public void timeout(long millis) {}

  @Override
  public Set<TopicPartition> assignment() {
    return consumer.assignment();
  }

  @Override
  public void pause(TopicPartition... partitions) {
    consumer.pause(List.of(partitions));
  }

  @Override
  public void resume(TopicPartition... partitions) {
    consumer.resume(List.of(partitions));
  }

  @Override
  public void requestCommit() {}

  @Override
  public PluginMetrics pluginMetrics() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    task.close(consumer.assignment());
    task.stop();
    consumer.close();
  }
}

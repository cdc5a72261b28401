package dev.millrace.sink;

import dev.millrace.schemas.SchemaRegistry;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** Lands the topic partitions that Connect assigns to it; each is a {@link PartitionSink}. */
public final class DeltaSinkTask extends SinkTask {

  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(3);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Map<TopicPartition, PartitionSink> partitions = new LinkedHashMap<>();
  private boolean redelivery;

  private SinkConfig config;
  private Engine engine;
  private TopicLog log;
  private RecordReader reader;
  private DeadLetters deadLetters;

  /** As Connect makes it. */
  @SuppressWarnings("NullAway.Init") // Connect calls start before anything else.
  public DeltaSinkTask() {}

  @Override
  public String version() {
    return SinkVersion.VERSION;
  }

  @Override
  public void start(Map<String, String> properties) {
    config = new SinkConfig(properties);
    start(DefaultEngine.create(config.hadoop()));
  }

  private void start(Engine engine) {
    this.engine = engine;
    log = new TopicLog(config.admin());
    reader =
        new RecordReader(
            new SchemaRegistry(config.registryUrl(), REGISTRY_PATIENCE),
            config.dateField(),
            config.dateColumn());
    deadLetters = new DeadLetters(context.errantRecordReporter());
  }

  @Override
  public void open(Collection<TopicPartition> assigned) {
    for (TopicPartition partition : assigned) {
      partitions.put(
          partition,
          new PartitionSink(
              partition,
              new DeltaTable(engine, config.tablePath(partition.topic()), config.dateColumn()),
              reader,
              deadLetters,
              log,
              context,
              config.skipsExpired()));
    }
    try {
      openPartitions();
      // The worker goes where it was sent before it hands over anything.
      partitions.values().forEach(PartitionSink::batchIsOver);
    } catch (RuntimeException e) {
      ConnectException failure = Failure.of(e);
      if (!(failure instanceof RetriableException)) {
        throw failure;
      }
      // A task that fails here is not started again by itself: put tries it again, and tells.
    }
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    try {
      openPartitions();
      for (SinkRecord record : records) {
        take(record);
      }
      long now = System.nanoTime();
      partitions.values().stream().filter(each -> isDue(each, now)).forEach(PartitionSink::flush);
    } catch (RuntimeException e) {
      ConnectException failure = Failure.of(e);
      redelivery = failure instanceof RetriableException;
      context.timeout(RETRY.toMillis());
      throw failure;
    }
    redelivery = false;
    partitions.values().forEach(PartitionSink::batchIsOver);
    wakeWhenDue();
  }

  private void openPartitions() {
    partitions.values().stream().filter(each -> !each.isOpen()).forEach(PartitionSink::open);
  }

  private void take(SinkRecord record) {
    PartitionSink partition =
        partitions.get(new TopicPartition(record.topic(), record.kafkaPartition()));
    if (partition == null) {
      throw new ConnectException(
          "%s-%d is not among the partitions of this task; delta-sink allows no transforms that change topic or partition"
              .formatted(record.topic(), record.kafkaPartition()));
    }
    partition.take(record, redelivery, System.nanoTime());
    while (waitingBytes() >= config.flushBytes()) {
      partitions.values().stream()
          .max(Comparator.comparingLong(PartitionSink::bytes))
          .orElseThrow()
          .flush();
    }
  }

  private long waitingBytes() {
    long bytes = 0;
    for (PartitionSink each : partitions.values()) {
      bytes += each.bytes();
    }
    return bytes;
  }

  private boolean isDue(PartitionSink partition, long now) {
    return partition.rows() >= config.flushRows()
        || partition.waits() && now - partition.waitsSince() >= config.flushInterval().toNanos();
  }

  private void wakeWhenDue() {
    partitions.values().stream()
        .filter(PartitionSink::waits)
        .mapToLong(PartitionSink::waitsSince)
        .min()
        .ifPresent(
            since -> {
              long left = config.flushInterval().toNanos() - (System.nanoTime() - since);
              context.timeout(Math.max(1, Duration.ofNanos(left).toMillis()));
            });
  }

  /** Only for the eyes of who looks at the group's lag: where to go on is read from the tables. */
  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> current) {
    Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
    current.forEach(
        (partition, offset) -> {
          PartitionSink sink = partitions.get(partition);
          if (sink != null && sink.isOpen()) {
            done.put(partition, new OffsetAndMetadata(sink.done(offset.offset())));
          }
        });
    return done;
  }

  @Override
  public void close(Collection<TopicPartition> revoked) {
    partitions.keySet().removeAll(revoked);
  }

  @Override
  public void stop() {
    if (log != null) {
      log.close();
    }
  }
}

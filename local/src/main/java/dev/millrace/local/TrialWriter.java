package dev.millrace.local;

import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes raw events to topics, transaction after transaction, until it is closed. Some transactions
 * are aborted, so the offsets of what is committed have gaps.
 */
final class TrialWriter implements AutoCloseable {

  private static final Instant FIRST = Instant.parse("2026-01-05T12:00:00.000001Z");
  private static final Duration APART = Duration.ofMinutes(97);
  private static final int DAYS = 3;
  private static final int LONGEST_TRANSACTION = 40;
  private static final int LONGEST_PAYLOAD = 400;
  private static final int ABORTED_PERCENT = 15;
  private static final long LONGEST_PAUSE_NANOS = 120_000_000;
  private static final List<String> SOURCES = List.of("web", "shop", "clickstream");

  private final String bootstrapServers;
  private final MessageCodec<RawEventMessage> codec;
  private final String name;
  private final List<String> topics;
  private final int partitions;
  private final Random random;
  private final Object turn = new Object();
  private final Thread thread;

  private KafkaProducer<byte[], byte[]> producer;
  private long written;
  private volatile long committed;
  private volatile boolean closing;
  private volatile @Nullable RuntimeException failure;

  /**
   * Begins at once.
   *
   * @param name of nobody else, for Kafka
   */
  TrialWriter(
      String bootstrapServers,
      MessageCodec<RawEventMessage> codec,
      String name,
      List<String> topics,
      int partitions,
      long seed) {
    this.bootstrapServers = bootstrapServers;
    this.codec = codec;
    this.name = name;
    this.topics = List.copyOf(topics);
    this.partitions = partitions;
    this.random = new Random(seed);
    this.producer = producer();
    this.thread = new Thread(this::write, name);
    thread.setDaemon(true);
    thread.start();
  }

  private KafkaProducer<byte[], byte[]> producer() {
    KafkaProducer<byte[], byte[]> fresh =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                name),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    fresh.initTransactions();
    return fresh;
  }

  private void write() {
    try {
      while (!closing) {
        long pause;
        synchronized (turn) {
          transaction();
          pause = (long) (random.nextDouble() * LONGEST_PAUSE_NANOS);
        }
        LockSupport.parkNanos(pause);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void transaction() {
    int count = 1 + random.nextInt(LONGEST_TRANSACTION);
    producer.beginTransaction();
    for (int i = 0; i < count; i++) {
      producer.send(
          new ProducerRecord<>(
              topics.get(random.nextInt(topics.size())),
              random.nextInt(partitions),
              ("user-" + random.nextInt(50)).getBytes(StandardCharsets.UTF_8),
              codec.encode(message())));
    }
    if (random.nextInt(100) < ABORTED_PERCENT) {
      producer.flush();
      producer.abortTransaction();
    } else {
      producer.commitTransaction();
      committed += count;
    }
  }

  private RawEventMessage message() {
    byte[] payload = new byte[random.nextInt(LONGEST_PAYLOAD)];
    random.nextBytes(payload);
    RawEventMessage message = new RawEventMessage();
    message.setIngestId(name + "-" + written++);
    message.setSource(SOURCES.get(random.nextInt(SOURCES.size())));
    message.setContentType("application/octet-stream");
    message.setPayload(ByteBuffer.wrap(payload));
    message.setReceivedAt(
        FIRST.plus(Duration.ofDays(random.nextInt(DAYS))).plus(APART.multipliedBy(written % 7)));
    message.setActivationOffset(random.nextInt(100));
    if (random.nextBoolean()) {
      message.setInbound(new OriginMessage("id-of-inbound", random.nextInt(4), written));
    } else {
      message.setFileName("day \"one\".csv");
      message.setFileLine(written);
    }
    return message;
  }

  /** Records that are committed by now. */
  long committed() {
    return committed;
  }

  /**
   * @throws CommandException if it could not go on
   */
  void requireWell() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw new CommandException("Kafka takes no more records: " + failed.getMessage(), failed);
    }
  }

  /** Does something while no transaction is open; topics may be others afterwards. */
  void whileStill(Runnable action) {
    synchronized (turn) {
      action.run();
      producer.close();
      producer = producer();
    }
  }

  /** Ends the transaction that is open, and begins none. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    }
    producer.close(Duration.ZERO);
  }
}

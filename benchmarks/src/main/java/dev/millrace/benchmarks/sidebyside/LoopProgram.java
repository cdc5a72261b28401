package dev.millrace.benchmarks.sidebyside;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The yardstick: one thread that carries records from a topic to another, exactly once, in
 * transactions as long as the services'. It decides nothing and keeps nothing.
 */
final class LoopProgram {

  private static final Duration POLL = Duration.ofMillis(100);

  /** What Kafka Streams sets for its producers and consumers where nobody says otherwise. */
  private static final String STREAMS_LINGER_MS = "100";

  private static final String STREAMS_MAX_POLL_RECORDS = "1000";

  private LoopProgram() {}

  /** Arguments: bootstrap servers, the topic to read, the topic to write. */
  public static void main(String[] args) {
    Properties shipped = StreamsSettings.shipped();
    long commitNanos =
        TimeUnit.MILLISECONDS.toNanos(Long.parseLong(shipped.getProperty("commit.interval.ms")));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(args[0]);
        KafkaProducer<byte[], byte[]> producer =
            producer(args[0], shipped.getProperty("producer.batch.size"))) {
      producer.initTransactions();
      consumer.subscribe(List.of(args[1]));
      while (consumer.assignment().isEmpty()) {
        consumer.poll(POLL);
      }
      System.out.println(Programs.READY);
      carry(consumer, producer, args[2], commitNanos);
    }
  }

  private static void carry(
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaProducer<byte[], byte[]> producer,
      String out,
      long commitNanos) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    long began = 0;
    while (!Thread.currentThread().isInterrupted()) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (!records.isEmpty() && offsets.isEmpty()) {
        producer.beginTransaction();
        began = System.nanoTime();
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        var unused = producer.send(new ProducerRecord<>(out, record.key(), record.value()));
      }
      offsets.putAll(records.nextOffsets());
      if (!offsets.isEmpty() && System.nanoTime() - began >= commitNanos) {
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
        offsets.clear();
      }
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.GROUP_ID_CONFIG,
            "plain-loop",
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            "false",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            STREAMS_MAX_POLL_RECORDS),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static KafkaProducer<byte[], byte[]> producer(String bootstrapServers, String batchSize) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            "plain-loop",
            ProducerConfig.LINGER_MS_CONFIG,
            STREAMS_LINGER_MS,
            ProducerConfig.BATCH_SIZE_CONFIG,
            batchSize),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }
}

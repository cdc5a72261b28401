package dev.millrace.local;

import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.EventField;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one source's lines to {@code events.inbound}, keyed by their user so that each user's order
 * is kept.
 */
final class Publisher {

  /**
   * What was sent.
   *
   * @param blank lines that were skipped
   * @param withoutUser events among the sent ones whose user could not be read; sent without a key
   */
  record Published(long events, long blank, long withoutUser) {}

  /**
   * Is told where each event stands, when the broker has it; not by the caller's thread. Events are
   * numbered from 0 on, in the order in which they were sent.
   */
  interface Acknowledged {
    void at(int event, int partition, long offset);
  }

  private static final String SOURCE_HEADER = "source";
  private static final String CONTENT_TYPE_HEADER = "content-type";

  private final Producer<byte[], byte[]> producer;
  private final EventReader reader;
  private final SourceMapping mapping;
  private final String contentType;
  private final List<Header> headers;
  private final Acknowledged acknowledged;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /** The caller closes the producer. */
  Publisher(Producer<byte[], byte[]> producer, EventReader reader, SourceMapping mapping) {
    this(producer, reader, mapping, (event, partition, offset) -> {});
  }

  Publisher(
      Producer<byte[], byte[]> producer,
      EventReader reader,
      SourceMapping mapping,
      Acknowledged acknowledged) {
    this.acknowledged = acknowledged;
    this.producer = producer;
    this.reader = reader;
    this.mapping = mapping;
    this.contentType =
        switch (mapping.format()) {
          case CSV -> ContentType.CSV;
          case JSON -> ContentType.JSON;
        };
    this.headers =
        List.of(header(SOURCE_HEADER, mapping.name()), header(CONTENT_TYPE_HEADER, contentType));
  }

  /** Loses nothing, repeats nothing, keeps the order. */
  static Producer<byte[], byte[]> producer(String bootstrapServers) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            true,
            ProducerConfig.LINGER_MS_CONFIG,
            10,
            ProducerConfig.BATCH_SIZE_CONFIG,
            131_072,
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            1_048_576),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /**
   * Returns when the broker has all of them.
   *
   * @param progress is told the number of events sent so far
   */
  Published publish(Iterator<byte[]> lines, LongConsumer progress) {
    long events = 0;
    long blank = 0;
    long withoutUser = 0;
    while (lines.hasNext()) {
      byte[] line = lines.next();
      if (isBlank(line)) {
        blank++;
        continue;
      }
      byte @Nullable [] key = user(line);
      if (key == null) {
        withoutUser++;
      }
      send(Math.toIntExact(events), key, line);
      progress.accept(++events);
    }
    producer.flush();
    requireNoFailure();
    return new Published(events, blank, withoutUser);
  }

  private void send(int event, byte @Nullable [] key, byte[] line) {
    requireNoFailure();
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(Topics.INBOUND.name(), null, key, line, headers);
    var unused =
        producer.send(
            message,
            (metadata, exception) -> {
              if (exception == null) {
                acknowledged.at(event, metadata.partition(), metadata.offset());
              } else {
                failure.compareAndSet(null, exception);
              }
            });
  }

  private void requireNoFailure() {
    @Nullable Exception cause = failure.get();
    if (cause != null) {
      throw new KafkaException(
          "Kafka did not take an event: %s. Events before it may have been published."
              .formatted(cause.getMessage()),
          cause);
    }
  }

  private byte @Nullable [] user(byte[] line) {
    Reading reading = reader.read(line, contentType, mapping);
    @Nullable String userId = reading.content().text(EventField.USER_ID);
    return userId == null || userId.isBlank() ? null : userId.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }
}

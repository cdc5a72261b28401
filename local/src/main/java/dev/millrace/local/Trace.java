package dev.millrace.local;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * What becomes of published events. Each is followed by its place on the log, since others may
 * publish at the same time. Made before the first is published.
 */
final class Trace implements AutoCloseable {

  /**
   * How far they have come.
   *
   * @param raw accepted ones; the others are outcomes of these
   */
  record Outcome(long published, long raw, long clean, long duplicates, long quarantined) {
    boolean isComplete() {
      return sorted() == published;
    }

    long sorted() {
      return clean + duplicates + quarantined;
    }
  }

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
  private static final List<Topics.Topic> FOLLOWED =
      List.of(Topics.RAW, Topics.CLEAN, Topics.DUPLICATES, Topics.QUARANTINED);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final MessageCodec<RawEventMessage> rawEvents;
  private final MessageCodec<CleanEventMessage> cleanEvents;
  private final MessageCodec<DuplicateEventMessage> duplicateEvents;
  private final MessageCodec<QuarantinedEventMessage> quarantinedEvents;

  private final Places published;
  private final Places raw;

  // Whose they are is known only when all of raw is read, so these have the others' events too.
  private final Places clean;
  private final Places duplicates;
  private final Places quarantined;

  Trace(String bootstrapServers, SchemaRegistry registry) {
    this.rawEvents = MessageCodec.registered(registry, Topics.RAW);
    this.cleanEvents = MessageCodec.registered(registry, Topics.CLEAN);
    this.duplicateEvents = MessageCodec.registered(registry, Topics.DUPLICATES);
    this.quarantinedEvents = MessageCodec.registered(registry, Topics.QUARANTINED);
    this.consumer = CommittedRecords.consumer(bootstrapServers);
    this.published =
        new Places(
            of(
                Topics.INBOUND,
                CommittedRecords.assignedEnds(consumer, List.of(Topics.INBOUND), ANSWER_TIMEOUT)));
    Map<TopicPartition, Long> ends =
        CommittedRecords.assignedEnds(consumer, FOLLOWED, ANSWER_TIMEOUT);
    ends.forEach(consumer::seek);
    Map<Integer, Long> rawStarts = of(Topics.RAW, ends);
    this.raw = new Places(rawStarts);
    this.clean = new Places(rawStarts);
    this.duplicates = new Places(rawStarts);
    this.quarantined = new Places(rawStarts);
  }

  private static Map<Integer, Long> of(Topics.Topic topic, Map<TopicPartition, Long> offsets) {
    Map<Integer, Long> ofTopic = new HashMap<>();
    offsets.forEach(
        (partition, offset) -> {
          if (partition.topic().equals(topic.name())) {
            ofTopic.put(partition.partition(), offset);
          }
        });
    return ofTopic;
  }

  /** An event stands there on {@code events.inbound}. */
  void published(int partition, long offset) {
    published.add(partition, offset);
  }

  /**
   * Returns when every published event is sorted, or none has moved for so long.
   *
   * @param progress is told again and again
   */
  Outcome await(Duration patience, Consumer<Outcome> progress) {
    Outcome outcome = outcome();
    long lastMove = System.nanoTime();
    while (!outcome.isComplete() && System.nanoTime() - lastMove < patience.toNanos()) {
      consumer.poll(POLL).forEach(this::read);
      Outcome now = outcome();
      if (!now.equals(outcome)) {
        lastMove = System.nanoTime();
      }
      outcome = now;
      progress.accept(outcome);
    }
    return outcome;
  }

  private void read(ConsumerRecord<byte[], byte[]> message) {
    String topic = message.topic();
    if (topic.equals(Topics.RAW.name())) {
      OriginMessage inbound = CommittedRecords.decoded(rawEvents, message).getInbound();
      if (inbound != null && published.contains(inbound.getPartition(), inbound.getOffset())) {
        raw.add(message.partition(), message.offset());
      }
    } else if (topic.equals(Topics.CLEAN.name())) {
      add(clean, CommittedRecords.decoded(cleanEvents, message).getOrigin());
    } else if (topic.equals(Topics.DUPLICATES.name())) {
      add(duplicates, CommittedRecords.decoded(duplicateEvents, message).getOrigin());
    } else {
      QuarantinedEventMessage event = CommittedRecords.decoded(quarantinedEvents, message);
      if (event.getStage().equals(Counts.CLEANSING)) {
        add(quarantined, event.getOrigin());
      }
    }
  }

  private static void add(Places places, OriginMessage origin) {
    places.add(origin.getPartition(), origin.getOffset());
  }

  private Outcome outcome() {
    return new Outcome(
        published.count(),
        raw.count(),
        clean.countIn(raw),
        duplicates.countIn(raw),
        quarantined.countIn(raw));
  }

  @Override
  public void close() {
    consumer.close();
  }
}

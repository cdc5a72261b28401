package dev.millrace.local;

import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.ExpectedReason;
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

  /**
   * A raw event that was made of a published one.
   *
   * @param ends what it came to; exactly one, if all is well
   */
  record Followed(int event, int partition, long offset, List<End> ends) {}

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
  private static final List<Topics.Topic> FOLLOWED =
      List.of(Topics.RAW, Topics.CLEAN, Topics.DUPLICATES, Topics.QUARANTINED);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final MessageCodec<RawEventMessage> rawEvents;
  private final MessageCodec<CleanEventMessage> cleanEvents;
  private final MessageCodec<DuplicateEventMessage> duplicateEvents;
  private final MessageCodec<QuarantinedEventMessage> quarantinedEvents;

  /** Which event stands at that place of inbound, and of raw. */
  private final Places published;

  private final Places raw;

  /** What that place of raw came to; whose it is may be known only later, so others' as well. */
  private final Places sorted;

  private final Ends ends = new Ends();
  private long publishedCount;

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
    Map<TopicPartition, Long> starts =
        CommittedRecords.assignedEnds(consumer, FOLLOWED, ANSWER_TIMEOUT);
    starts.forEach(consumer::seek);
    this.raw = new Places(of(Topics.RAW, starts));
    this.sorted = new Places(of(Topics.RAW, starts));
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

  /** The event of that number, from 0 on, stands there on {@code events.inbound}. */
  void published(int event, int partition, long offset) {
    published.note(partition, offset, event);
    publishedCount++;
  }

  /**
   * Returns when every published event is sorted, or none has moved for so long. All are published
   * by then.
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
      int event =
          inbound == null ? Places.NONE : published.at(inbound.getPartition(), inbound.getOffset());
      if (event != Places.NONE) {
        raw.note(message.partition(), message.offset(), event);
      }
    } else if (topic.equals(Topics.CLEAN.name())) {
      add(CommittedRecords.decoded(cleanEvents, message).getOrigin(), End.CLEAN);
    } else if (topic.equals(Topics.DUPLICATES.name())) {
      add(CommittedRecords.decoded(duplicateEvents, message).getOrigin(), End.DUPLICATE);
    } else {
      QuarantinedEventMessage event = CommittedRecords.decoded(quarantinedEvents, message);
      if (event.getStage().equals(Counts.CLEANSING)) {
        add(event.getOrigin(), quarantined(event));
      }
    }
  }

  private static End quarantined(QuarantinedEventMessage event) {
    return new End(
        Expectation.Outcome.QUARANTINED,
        event.getViolations().stream()
            .map(found -> new ExpectedReason(found.getRule(), found.getField()))
            .toList());
  }

  private void add(OriginMessage origin, End end) {
    int before = sorted.at(origin.getPartition(), origin.getOffset());
    sorted.note(origin.getPartition(), origin.getOffset(), ends.plus(before, end));
  }

  /** Every raw event that was made of a published one, so far. */
  void forEach(Consumer<Followed> action) {
    raw.forEach(
        (partition, offset, event) ->
            action.accept(
                new Followed(event, partition, offset, ends.of(sorted.at(partition, offset)))));
  }

  private Outcome outcome() {
    long[] byOutcome = new long[Expectation.Outcome.values().length];
    long[] count = new long[1];
    raw.forEach(
        (partition, offset, event) -> {
          count[0]++;
          List<End> came = ends.of(sorted.at(partition, offset));
          if (!came.isEmpty()) {
            byOutcome[came.get(0).outcome().ordinal()]++;
          }
        });
    return new Outcome(
        publishedCount,
        count[0],
        byOutcome[Expectation.Outcome.CLEAN.ordinal()],
        byOutcome[Expectation.Outcome.DUPLICATE.ordinal()],
        byOutcome[Expectation.Outcome.QUARANTINED.ordinal()]);
  }

  @Override
  public void close() {
    consumer.close();
  }
}

package dev.millrace.sink;

import dev.millrace.schemas.table.UnfitRecordException;
import dev.millrace.sink.TopicLog.Bounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One topic partition on its way into a table.
 *
 * <p>The table alone says how far it has come: it is asked when the partition is opened, and the
 * consumer is sent there. Whoever else lands the partition in the meantime is noticed at the next
 * commit; then what waits here is dropped, and reading goes on where the table is.
 */
final class PartitionSink {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionSink.class);
  private static final int TIMES_MOVED = 5;
  private static final int UNDISTURBED = 20;

  private final TopicPartition partition;
  private final DeltaTable table;
  private final RecordReader reader;
  private final DeadLetters deadLetters;
  private final TopicLog log;
  private final SinkTaskContext context;
  private final boolean skipsExpired;

  private @Nullable String topicId; // Null until the table has been asked.
  private OptionalLong landed = OptionalLong.empty();
  private long from; // Before it all is done.
  private long next;
  private boolean sentBack;
  private int moved;
  private int undisturbed; // Commits since somebody else was first.

  private List<Row> rows = new ArrayList<>();
  private boolean waits;
  private long waitsSince;
  private long bytes;

  PartitionSink(
      TopicPartition partition,
      DeltaTable table,
      RecordReader reader,
      DeadLetters deadLetters,
      TopicLog log,
      SinkTaskContext context,
      boolean skipsExpired) {
    this.partition = partition;
    this.table = table;
    this.reader = reader;
    this.deadLetters = deadLetters;
    this.log = log;
    this.context = context;
    this.skipsExpired = skipsExpired;
  }

  boolean isOpen() {
    return topicId != null;
  }

  /**
   * Forgets what waits, asks the table where it is and sends the consumer there.
   *
   * @throws ConnectException if the log does not have what comes next
   */
  void open() {
    topicId = null;
    forgetWaiting();
    sentBack = true;
    Optional<String> id = log.id(partition.topic());
    if (id.isEmpty()) {
      throw new RetriableException(
          "Topic %s is not there; create it, or take it from the connector's topics"
              .formatted(partition.topic()));
    }
    landed = table.landed(transactionId(id.get()));
    Bounds bounds = log.bounds(partition);
    if (!log.id(partition.topic()).equals(id)) {
      // Kafka answers for a topic that is gone as soon as there is another of its name.
      throw new RetriableException(
          "Topic %s was deleted while it was asked how far it goes".formatted(partition.topic()));
    }
    from = start(bounds);
    next = from;
    context.offset(partition, from);
    topicId = id.get();
  }

  /** One for each table, topic and partition: a topic that was created again begins anew. */
  private String transactionId(String id) {
    String name = table.path().substring(table.path().lastIndexOf('/') + 1);
    return name + "/" + id + "/" + partition.partition();
  }

  private long start(Bounds bounds) {
    if (landed.isEmpty()) {
      return bounds.first();
    }
    long wanted = landed.getAsLong() + 1;
    if (wanted > bounds.end()) {
      throw new ConnectException(
          "%s has landed through offset %d, but its log ends before %d: Kafka has lost records, and will use their offsets again. Create the topic anew, so that it gets another id."
              .formatted(partition, landed.getAsLong(), bounds.end()));
    }
    if (wanted < bounds.first() && !skipsExpired) {
      throw new ConnectException(
          "%s has landed through offset %d, but its log begins at %d: what was between has expired. If it held nothing or may be missing, set %s=skip and restart the task."
              .formatted(partition, landed.getAsLong(), bounds.first(), SinkConfig.EXPIRED));
    }
    return Math.max(wanted, bounds.first());
  }

  /**
   * Takes a record, unless it is one that was handed over before the consumer was sent back.
   *
   * @param redelivered the worker hands over again what it could not before
   * @param now in nanoseconds
   */
  void take(SinkRecord record, boolean redelivered, long now) {
    if (sentBack || topicId == null) {
      return;
    }
    if (record.kafkaOffset() < next) {
      if (!redelivered) {
        wentBack(record.kafkaOffset());
      }
      return;
    }
    try {
      Row row = reader.read(topicId, record);
      rows.add(row);
      bytes += row.heapBytes();
    } catch (UnfitRecordException e) {
      deadLetters.report(record, e);
    }
    next = record.kafkaOffset() + 1;
    if (!waits) {
      waits = true;
      waitsSince = now;
    }
  }

  private void wentBack(long offset) {
    if (isAnotherTopic()) {
      open();
      return;
    }
    throw new ConnectException(
        "%s went back to offset %d after %d: Kafka has lost records, and uses their offsets again. Create the topic anew, so that it gets another id."
            .formatted(partition, offset, next - 1));
  }

  private boolean isAnotherTopic() {
    Optional<String> id = log.id(partition.topic());
    return id.isPresent() && !id.get().equals(topicId);
  }

  /** What was handed over before the consumer was sent back has been passed by. */
  void batchIsOver() {
    sentBack = false;
  }

  /** Commits what waits. */
  void flush() {
    if (!waits || topicId == null) {
      return;
    }
    if (isAnotherTopic()) {
      LOG.info("{} is another topic than before; it begins anew in {}", partition, table.path());
      open();
      return;
    }
    int count = rows.size();
    long last = next - 1;
    DeltaTable.Outcome outcome =
        table.append(transactionId(topicId), landed, last, rows, deadLetters);
    if (outcome instanceof DeltaTable.Outcome.Landed done) {
      landed = OptionalLong.of(last);
      done();
      undisturbed++;
      if (undisturbed >= UNDISTURBED) {
        moved = 0;
      }
      LOG.info(
          "Landed {} rows of {} through offset {} in {}", count, partition, last, table.path());
      table.tidy(done);
    } else if (outcome instanceof DeltaTable.Outcome.Moved elsewhere) {
      moved(elsewhere.at(), last);
    } else {
      done();
    }
  }

  private void done() {
    from = next;
    forgetWaiting();
  }

  private void moved(OptionalLong at, long last) {
    if (at.equals(OptionalLong.of(last))) {
      // Our own commit, of which we had not heard.
      landed = at;
      done();
      return;
    }
    moved++;
    undisturbed = 0;
    if (moved > TIMES_MOVED) {
      throw new ConnectException(
          "%s is landed in %s by somebody else, too, who was first %d times; is there a second connector for this topic?"
              .formatted(partition, table.path(), moved));
    }
    LOG.warn(
        "{} was landed in {} by somebody else through {}; what waited here is dropped, and reading goes on behind",
        partition,
        table.path(),
        at);
    open();
  }

  private void forgetWaiting() {
    rows = new ArrayList<>();
    bytes = 0;
    waits = false;
  }

  int rows() {
    return rows.size();
  }

  long bytes() {
    return bytes;
  }

  boolean waits() {
    return waits;
  }

  /** When the oldest that waits was taken, in nanoseconds. */
  long waitsSince() {
    return waitsSince;
  }

  /**
   * The offset before which all is done.
   *
   * @param current behind the last record that was handed over
   */
  long done(long current) {
    return waits || sentBack ? Math.min(current, from) : current;
  }
}

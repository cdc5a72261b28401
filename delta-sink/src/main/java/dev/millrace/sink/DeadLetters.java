package dev.millrace.sink;

import dev.millrace.schemas.table.UnfitRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** Where records go that no table takes, with the reason. */
final class DeadLetters {

  private final @Nullable ErrantRecordReporter reporter;
  private final List<Future<Void>> pending = new ArrayList<>();

  /**
   * @param reporter null if the connector has no topic for dead letters
   */
  DeadLetters(@Nullable ErrantRecordReporter reporter) {
    this.reporter = reporter;
  }

  /**
   * @throws ConnectException if there is nowhere to report it
   */
  void report(SinkRecord record, UnfitRecordException reason) {
    String what =
        "Record at %s-%d offset %d %s"
            .formatted(
                record.topic(), record.kafkaPartition(), record.kafkaOffset(), reason.getMessage());
    if (reporter == null) {
      throw new ConnectException(
          what
              + ". It cannot be landed, and there is nowhere to put it: set errors.tolerance=all, errors.deadletterqueue.topic.name and errors.deadletterqueue.context.headers.enable=true.",
          reason);
    }
    pending.add(reporter.report(record, new ConnectException(what, reason)));
  }

  /**
   * Returns when all that were reported are written.
   *
   * @throws ConnectException if one could not be
   */
  void await() {
    try {
      for (Future<Void> report : pending) {
        report.get();
      }
    } catch (ExecutionException e) {
      throw new ConnectException(
          "Cannot write a dead letter; look at errors.deadletterqueue.topic.name and its rights",
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RetriableException("Interrupted while a dead letter was written", e);
    }
    pending.clear();
  }
}

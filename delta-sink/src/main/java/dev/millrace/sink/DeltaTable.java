package dev.millrace.sink;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.delta.kernel.DataWriteContext;
import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.commit.CommitFailedException;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.CheckpointAlreadyExistsException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.exceptions.TableAlreadyExistsException;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.TransactionImpl;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.transaction.DataLayoutSpec;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One Delta table, to which several writers append, each the records of its own partitions.
 *
 * <p>What a partition has landed is the version of its transaction id, the last offset that is
 * done. A commit follows from a snapshot in which that is what its writer believes, and takes the
 * version right behind it, so it is refused if anybody has committed since.
 */
final class DeltaTable {

  /** What became of an append. */
  sealed interface Outcome {

    /**
     * @param hooks to be run by {@link #tidy}
     */
    record Landed(List<PostCommitHook> hooks) implements Outcome {}

    /**
     * The partition stands elsewhere than its writer believed, and nothing was appended.
     *
     * @param at the last offset that is done; empty if none is
     */
    record Moved(OptionalLong at) implements Outcome {}

    /** There were no rows, and there is no table yet that could be told so. */
    record NoTable() implements Outcome {}
  }

  /** Another writer has taken the version; the snapshot is old. */
  static final class ConflictException extends RuntimeException {
    ConflictException(String path, long version, Throwable cause) {
      super(
          "Cannot commit version %d of %s: other writers were there first, again and again; it is tried again later"
              .formatted(version, path),
          cause);
    }
  }

  private static final RetryPolicy<Outcome> AGAIN =
      RetryPolicy.<Outcome>builder()
          .handle(ConflictException.class)
          .withBackoff(20, 1000, ChronoUnit.MILLIS)
          .withJitter(0.5)
          .withMaxRetries(15)
          .build();

  private static final String ENGINE = "millrace-delta-sink-" + SinkVersion.VERSION;

  private final Engine engine;
  private final String path;
  private final String dateColumn;

  DeltaTable(Engine engine, String path, String dateColumn) {
    this.engine = engine;
    this.path = path;
    this.dateColumn = dateColumn;
  }

  String path() {
    return path;
  }

  /** The last offset that is done under the transaction id; empty if none is. */
  OptionalLong landed(String transactionId) {
    return load().map(snapshot -> landed(snapshot, transactionId)).orElse(OptionalLong.empty());
  }

  private OptionalLong landed(Snapshot snapshot, String transactionId) {
    return snapshot
        .getLatestTransactionVersion(engine, transactionId)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  /**
   * Appends the rows and moves the transaction id to {@code last}, both or nothing.
   *
   * @param believed what the table should say was done before
   * @param unfit is told of rows that the table cannot take; the others are appended
   */
  Outcome append(
      String transactionId, OptionalLong believed, long last, List<Row> rows, DeadLetters unfit) {
    Append append = new Append(transactionId, believed, last, rows, unfit);
    return Failsafe.with(AGAIN).get(append::attempt);
  }

  /**
   * Writes checkpoint and checksum where they are due. Nothing is lost if this fails: the next
   * commit that is due brings them.
   *
   * @throws UncheckedIOException if they cannot be written
   */
  void tidy(Outcome.Landed landed) {
    for (PostCommitHook hook : landed.hooks()) {
      try {
        hook.threadSafeInvoke(engine);
      } catch (CheckpointAlreadyExistsException e) {
        // Another writer was quicker: it is there.
      } catch (IOException e) {
        throw new UncheckedIOException(
            "Cannot write the %s of %s".formatted(hook.getType(), path), e);
      }
    }
  }

  private Optional<Snapshot> load() {
    try {
      return Optional.of(TableManager.loadSnapshot(path).build(engine));
    } catch (TableNotFoundException e) {
      return Optional.empty();
    }
  }

  private Snapshot create(StructType columns) {
    try {
      Transaction transaction =
          TableManager.buildCreateTableTransaction(path, columns, ENGINE)
              .withDataLayoutSpec(DataLayoutSpec.partitioned(List.of(new Column(dateColumn))))
              .withMaxRetries(0)
              .build(engine);
      commit(transaction, List.of());
    } catch (TableAlreadyExistsException e) {
      throw new ConflictException(path, 0, e);
    }
    return load().orElseThrow();
  }

  private TransactionCommitResult commit(
      Transaction transaction, List<io.delta.kernel.data.Row> actions) {
    try {
      return transaction.commit(engine, CloseableIterable.inMemoryIterable(iterator(actions)));
    } catch (MaxCommitRetryLimitReachedException e) {
      if (e.getCause() instanceof CommitFailedException failed && !failed.isConflict()) {
        throw new UncheckedIOException(
            "Cannot commit version %d of %s; whether it did is looked up before the next try"
                .formatted(transaction.getReadTableVersion() + 1, path),
            new IOException(failed));
      }
      throw new ConflictException(path, transaction.getReadTableVersion() + 1, e);
    }
  }

  private static <T> CloseableIterator<T> iterator(List<T> items) {
    return io.delta.kernel.internal.util.Utils.toCloseableIterator(items.iterator());
  }

  /** One append, over all its attempts; files that were written once are used again. */
  private final class Append {
    private final String transactionId;
    private final OptionalLong believed;
    private final long last;
    private final DeadLetters unfit;
    private List<Row> rows;
    private @Nullable StructType writtenAs;
    private List<FilesOfDay> written = List.of();

    Append(
        String transactionId, OptionalLong believed, long last, List<Row> rows, DeadLetters unfit) {
      this.transactionId = transactionId;
      this.believed = believed;
      this.last = last;
      this.rows = rows;
      this.unfit = unfit;
    }

    Outcome attempt() {
      Snapshot snapshot = load().orElse(null);
      if (snapshot == null) {
        if (rows.isEmpty()) {
          return new Outcome.NoTable();
        }
        snapshot = create(rows.get(0).shape().columns());
      }
      OptionalLong at = landed(snapshot, transactionId);
      if (!at.equals(believed)) {
        return new Outcome.Moved(at);
      }
      Fitting fitting = Fitting.of(snapshot.getSchema(), rows, unfit);
      rows = fitting.rows();
      unfit.await();
      Transaction transaction = transaction(snapshot, fitting.columns());
      io.delta.kernel.data.Row state = transaction.getTransactionState(engine);
      if (!fitting.columns().equals(writtenAs)) {
        written = new RowFiles(engine, state, dateColumn).write(fitting);
        writtenAs = fitting.columns();
      }
      List<io.delta.kernel.data.Row> actions = new ArrayList<>();
      for (FilesOfDay files : written) {
        DataWriteContext context =
            Transaction.getWriteContext(engine, state, files.partition(dateColumn));
        Transaction.generateAppendActions(engine, state, iterator(files.files()), context)
            .forEachRemaining(actions::add);
      }
      return new Outcome.Landed(commit(transaction, actions).getPostCommitHooks());
    }

    /**
     * Kernel adds columns only to tables with column mapping, for which it writes no files. Without
     * mapping, adding a nullable column is a plain change of metadata, and every reader knows it.
     */
    private Transaction transaction(Snapshot snapshot, StructType columns) {
      if (columns.equals(snapshot.getSchema())) {
        return snapshot
            .buildUpdateTableTransaction(ENGINE, Operation.WRITE)
            .withTransactionId(transactionId, last)
            .withMaxRetries(0)
            .build(engine);
      }
      return new TransactionImpl(
          false,
          snapshot.getDataPath(),
          Optional.of((SnapshotImpl) snapshot),
          ENGINE,
          Operation.WRITE,
          Optional.empty(),
          Optional.of(snapshot.getMetadata().withNewSchema(columns)),
          snapshot.getCommitter(),
          Optional.of(
              new SetTransaction(transactionId, last, Optional.of(System.currentTimeMillis()))),
          Optional.empty(),
          Optional.of(0),
          0,
          System::currentTimeMillis);
    }
  }

  /**
   * Files of one day.
   *
   * @param day since 1970-01-01; null for rows of no day
   */
  record FilesOfDay(@Nullable Integer day, List<DataFileStatus> files) {
    Map<String, Literal> partition(String dateColumn) {
      return partition(dateColumn, day);
    }

    static Map<String, Literal> partition(String dateColumn, @Nullable Integer day) {
      return Map.of(dateColumn, day == null ? Literal.ofNull(DateType.DATE) : Literal.ofDate(day));
    }
  }
}

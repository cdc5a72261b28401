package dev.millrace.ingest;

import dev.millrace.schema.FileMessage;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.streams.StreamsKit;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a file, once by its content, its source and how it is cut.
 *
 * <p>It is read through first, so that one that can't be cut, inflated or read under its source's
 * mapping is refused before anything of it was taken. Then its records go to the raw topic in
 * transactions, each of which also carries how far it reaches; after a crash that is where it goes
 * on. A fault of ours is the file's outcome, or the process would end at it again and again.
 */
final class FileIntake {

  private static final Logger LOG = LoggerFactory.getLogger(FileIntake.class);

  /** What one transaction holds at most: small enough to be quick, and to be held. */
  private static final int BATCH_RECORDS = 10_000;

  private static final int BATCH_BYTES = 4 * 1_048_576;
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

  private final Landing landing;
  private final FileLog log;
  private final RawEvents rawEvents;
  private final long maxInflated;
  private final BooleanSupplier closing;
  private final Counter begun;
  private final Counter finished;
  private final Counter failed;
  private final Counter lines;
  private final Counter accepted;
  private final Clock clock = Clock.systemUTC();

  private final Map<Waiting, String> sha256s = new HashMap<>();

  /** Files whose outcome is written, and that could not be moved away yet. */
  private final Map<Waiting, FileState> settled = new HashMap<>();

  /**
   * @param maxInflated largest file after inflating, in bytes
   * @param closing asked often; a file is left where it is then
   */
  FileIntake(
      Landing landing,
      FileLog log,
      RawEvents rawEvents,
      long maxInflated,
      BooleanSupplier closing,
      MeterRegistry metrics) {
    this.landing = landing;
    this.log = log;
    this.rawEvents = rawEvents;
    this.maxInflated = maxInflated;
    this.closing = closing;
    this.begun = metrics.counter("millrace.files.taken");
    this.finished = metrics.counter("millrace.files.finished");
    this.failed = metrics.counter("millrace.files.failed");
    this.lines = metrics.counter("millrace.files.lines");
    this.accepted = metrics.counter("millrace.events.accepted", "door", "file");
  }

  void forgetAllBut(Collection<Waiting> files) {
    sha256s.keySet().retainAll(files);
    settled.keySet().retainAll(files);
  }

  /**
   * Takes it; why it has to wait, if it has to, and null otherwise.
   *
   * @throws IOException if it can't be read or moved now
   */
  @Nullable String take(Waiting file, SourceMapping mapping, FileTransactions transactions)
      throws IOException {
    @Nullable FileState outcome = settled.get(file);
    if (outcome != null) {
      settle(file, outcome);
      return null;
    }
    FileMessage seen = seen(file, sha256(file));
    try {
      seen.setFormat(guarded(() -> format(file, mapping)).word());
    } catch (UnreadableFileException e) {
      begun.increment();
      fail(file, seen, e, transactions);
      return null;
    }
    FileMessage known = log.find(FileKey.of(seen)).orElse(seen);
    if (is(known, FileState.DONE)) {
      LOG.info("{} was taken before, as {}", file.path(), known.getName());
      settle(file, FileState.DONE);
    } else if (known == seen || (is(known, FileState.FAILED) && known.getPosition() == 0)) {
      begin(file, seen, mapping, transactions);
    } else if (is(known, FileState.TAKING) && !known.getLanding().equals(landing.id())) {
      return "the same content is being taken from another landing folder";
    } else {
      LOG.info("{} goes on behind line {}", file.path(), known.getLines());
      goOn(file, resumed(known), mapping, transactions);
    }
    return null;
  }

  private String sha256(Waiting file) throws IOException {
    @Nullable String known = sha256s.get(file);
    if (known == null) {
      try (InputStream in = landing.open(file, 0)) {
        known = Sha256.of(in);
      }
      sha256s.put(file, known);
    }
    return known;
  }

  private FileMessage seen(Waiting file, String sha256) throws IOException {
    return FileMessage.newBuilder()
        .setSha256(sha256)
        .setName(file.name())
        .setSource(file.source())
        .setFormat("")
        .setBytes(file.bytes())
        .setLanding(landing.id())
        .setState(FileState.TAKING.word())
        .setReceivedAt(clock.instant())
        .setInflatedBytes(0)
        .setPosition(0)
        .setLines(0)
        .setRecords(0)
        .build();
  }

  /** One that failed in the middle and was handed in again. */
  private FileMessage resumed(FileMessage known) throws IOException {
    return FileMessage.newBuilder(known)
        .setState(FileState.TAKING.word())
        .setLanding(landing.id())
        .setFinishedAt(null)
        .setError(null)
        .build();
  }

  private FileFormat format(Waiting file, SourceMapping mapping) throws IOException {
    try (OpenFile open = open(file)) {
      if (!open.format().fits(mapping)) {
        throw new UnreadableFileException(
            "It is %s by its name, and source %s sends %s"
                .formatted(open.format(), mapping.name(), mapping.format()));
      }
      return open.format();
    }
  }

  private void begin(
      Waiting file, FileMessage seen, SourceMapping mapping, FileTransactions transactions)
      throws IOException {
    begun.increment();
    FileMessage first;
    try {
      long inflated = guarded(() -> readThrough(file));
      first = FileMessage.newBuilder(seen).setInflatedBytes(inflated).build();
    } catch (UnreadableFileException e) {
      fail(file, seen, e, transactions);
      return;
    }
    commit(List.of(), first, transactions);
    LOG.info(
        "Taking {}: {} bytes, {} inflated", file.path(), file.bytes(), first.getInflatedBytes());
    goOn(file, first, mapping, transactions);
  }

  /** Its length inflated; whatever can be wrong with it as a whole is found. */
  private long readThrough(Waiting file) throws IOException {
    try (OpenFile open = open(file)) {
      while (open.next() != null) {
        if (closing.getAsBoolean()) {
          throw new IOException("Millrace is closing");
        }
      }
      return open.position();
    }
  }

  private void goOn(
      Waiting file, FileMessage from, SourceMapping mapping, FileTransactions transactions)
      throws IOException {
    FileMessage progress = from;
    Instant toldAt = clock.instant();
    try (OpenFile open = guarded(() -> open(file, from))) {
      while (is(progress, FileState.TAKING) && !closing.getAsBoolean()) {
        FileMessage before = progress;
        Batch batch = guarded(() -> cut(open, mapping, before));
        progress = batch.progress();
        commit(batch.records(), progress, transactions);
        accepted.increment(batch.records().size());
        lines.increment(progress.getLines() - before.getLines());
        if (toldAt.plus(TOLD_EVERY).isBefore(clock.instant())) {
          toldAt = clock.instant();
          LOG.info(
              "{}: {} %, {} lines", file.path(), FileStatus.percent(progress), progress.getLines());
        }
      }
    } catch (UnreadableFileException e) {
      fail(file, progress, e, transactions);
      return;
    }
    if (is(progress, FileState.DONE)) {
      finished.increment();
      LOG.info(
          "{}: done, {} records of {} lines",
          file.path(),
          progress.getRecords(),
          progress.getLines());
      settle(file, FileState.DONE);
    }
  }

  private OpenFile open(Waiting file) throws IOException {
    return OpenFile.at(position -> landing.open(file, position), file.name(), maxInflated);
  }

  private OpenFile open(Waiting file, FileMessage from) throws IOException {
    return from.getPosition() == 0
        ? open(file)
        : OpenFile.at(
            position -> landing.open(file, position),
            FileFormat.named(from.getFormat()),
            from.getPosition(),
            from.getLines(),
            maxInflated);
  }

  /** What goes to the topics at once. */
  private record Batch(List<RawEvents.Keyed> records, FileMessage progress) {}

  private Batch cut(OpenFile open, SourceMapping mapping, FileMessage before) throws IOException {
    List<RawEvents.Keyed> records = new ArrayList<>();
    long bytes = 0;
    boolean first = before.getPosition() == 0;
    boolean ended = false;
    while (!ended && records.size() < BATCH_RECORDS && bytes < BATCH_BYTES) {
      @Nullable FileRecord record = open.next();
      ended = record == null;
      if (record != null && !(first && mapping.isHeader(record.payload()))) {
        records.add(rawEvents.of(before, open.format(), record));
        bytes += record.payload().length;
      }
      first = false;
    }
    FileMessage.Builder progress =
        FileMessage.newBuilder(before)
            .setPosition(open.position())
            .setLines(open.lines())
            .setRecords(before.getRecords() + records.size());
    if (ended) {
      progress.setState(FileState.DONE.word()).setFinishedAt(clock.instant());
    }
    return new Batch(records, progress.build());
  }

  /**
   * @param reached what is committed of it
   */
  private void fail(
      Waiting file,
      FileMessage reached,
      UnreadableFileException error,
      FileTransactions transactions)
      throws IOException {
    LOG.warn(
        "{} can't be taken behind line {}; {} records of it were: {}",
        file.path(),
        reached.getLines(),
        reached.getRecords(),
        error.getMessage());
    commit(
        List.of(),
        FileMessage.newBuilder(reached)
            .setState(FileState.FAILED.word())
            .setFinishedAt(clock.instant())
            .setError(error.getMessage())
            .build(),
        transactions);
    failed.increment();
    settle(file, FileState.FAILED);
  }

  private void settle(Waiting file, FileState outcome) throws IOException {
    settled.put(file, outcome);
    boolean moved = outcome == FileState.DONE ? landing.done(file) : landing.failed(file);
    settled.remove(file);
    if (!moved) {
      LOG.info("{} is another one by now; it is looked at anew", file.path());
    }
  }

  private void commit(
      List<RawEvents.Keyed> records, FileMessage progress, FileTransactions transactions) {
    transactions.commit(records, progress, log.encode(progress));
    log.committed(progress);
  }

  /** Reads of the file. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  private record Read<T>(@Nullable T value, @Nullable IOException failure) {}

  /** Reads; what is a fault of ours is told like all that can be wrong with the file. */
  private static <T> T guarded(Reading<T> reading) throws IOException {
    Read<T> read =
        StreamsKit.GUARD.decide(
            () -> {
              try {
                return new Read<>(reading.read(), null);
              } catch (IOException e) {
                return new Read<>(null, e);
              }
            },
            fault ->
                new Read<>(
                    null,
                    new UnreadableFileException(
                        "It provoked a fault of Millrace, %s; please report it"
                            .formatted(fault.exception()))));
    if (read.value() == null) {
      throw Objects.requireNonNull(read.failure());
    }
    return read.value();
  }

  private static boolean is(FileMessage progress, FileState state) {
    return progress.getState().equals(state.word());
  }
}

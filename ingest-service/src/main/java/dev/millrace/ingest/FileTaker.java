package dev.millrace.ingest;

import dev.millrace.ingest.Landing.Waiting;
import dev.millrace.schema.FileMessage;
import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.DeclarationException;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import dev.millrace.streams.ActiveSources;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the files of the landing folder, one after the other, each once by its content.
 *
 * <p>A file is read through first, so that one that can't be cut, inflated or read under its
 * source's mapping is refused before anything of it was taken. Then its records go to the raw topic
 * in transactions, each of which also carries how far it reaches; after a crash that is where it
 * goes on.
 */
final class FileTaker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FileTaker.class);

  /** What one transaction holds at most: small enough to be quick, and to be held. */
  private static final int BATCH_RECORDS = 10_000;

  private static final int BATCH_BYTES = 4 * 1_048_576;
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofSeconds(5);

  /** Two processes on one landing folder take turns of this length, and take nothing twice. */
  private static final Duration PAUSE_IF_SHUT_OUT = Duration.ofSeconds(60);

  private static final Duration STOP = Duration.ofSeconds(10);

  private final Landing landing;
  private final FileLog log;
  private final RawEvents rawEvents;
  private final ActiveSources sources;
  private final IngestProperties properties;
  private final String bootstrapServers;
  private final Runnable whenDead;
  private final Counter begun;
  private final Counter finished;
  private final Counter failed;
  private final Counter lines;
  private final Counter accepted;
  private final Clock clock = Clock.systemUTC();

  private final Thread thread = new Thread(this::run, "files");
  private final Semaphore wake = new Semaphore(0);
  private final Set<Waiting> told = new HashSet<>();
  private final Map<Waiting, String> sha256s = new HashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean closing;

  /**
   * @param whenDead told once if a bug ended it
   */
  FileTaker(
      Landing landing,
      FileLog log,
      RawEvents rawEvents,
      ActiveSources sources,
      IngestProperties properties,
      String bootstrapServers,
      MeterRegistry metrics,
      Runnable whenDead) {
    this.landing = landing;
    this.log = log;
    this.rawEvents = rawEvents;
    this.sources = sources;
    this.properties = properties;
    this.bootstrapServers = bootstrapServers;
    this.whenDead = whenDead;
    this.begun = metrics.counter("millrace.files.taken");
    this.finished = metrics.counter("millrace.files.finished");
    this.failed = metrics.counter("millrace.files.failed");
    this.lines = metrics.counter("millrace.files.lines");
    this.accepted = metrics.counter("millrace.events.accepted", "door", "file");
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** There is a new file. */
  void wake() {
    wake.release();
  }

  /** Stops behind the transaction that is being written. */
  @Override
  public void close() {
    closing = true;
    closed.countDown();
    wake();
    try {
      thread.join(STOP.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closing) {
        takeUntilSomethingFails();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ActivationsUnavailableException e) {
      LOG.info("No more files are taken: the activations are not read any further");
    } catch (RuntimeException | Error e) {
      LOG.error("Taking files ended by a fault of ours; the process ends to be started again", e);
      whenDead.run();
    } finally {
      log.close();
    }
  }

  private void takeUntilSomethingFails() throws InterruptedException {
    // First shut out whoever had the folder, so that what is read then is the last word.
    try (FileTransactions transactions = FileTransactions.open(bootstrapServers, landing.id())) {
      log.readAll();
      landing.clear(clock.instant());
      while (!closing) {
        List<Waiting> files = landing.complete();
        told.retainAll(files);
        sha256s.keySet().retainAll(files);
        for (Waiting file : files) {
          if (!closing) {
            log.readOn(landing.id());
            take(file, transactions);
          }
        }
        awaitFile(properties.scanEvery());
      }
    } catch (KafkaException | ArtifactException | RegistryException | IOException e) {
      if (!closing) {
        boolean shutOut = FileTransactions.isShutOut(e);
        Duration pause = shutOut ? PAUSE_IF_SHUT_OUT : PAUSE;
        LOG.warn(
            "Taking files was interrupted; it goes on in {} where the last transaction ended. {}",
            pause,
            shutOut ? "Another process has taken over this landing folder." : e.toString());
        // Not ended by a new file: that would take the folder back at once.
        boolean unused = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void awaitFile(Duration duration) throws InterruptedException {
    boolean woken = wake.tryAcquire(duration.toMillis(), TimeUnit.MILLISECONDS);
    if (woken) {
      wake.drainPermits();
    }
  }

  /** A file that can't be read now does not keep the others waiting. */
  private void take(Waiting file, FileTransactions transactions) {
    try {
      if (FileFormat.isTold(file.name())) {
        mapping(file).ifPresent(mapping -> take(file, mapping, transactions));
      } else {
        tellOnce(
            file, "waits: it is named neither .csv, .json, .ndjson, .jsonl nor one of them .gz");
      }
    } catch (UncheckedIOException e) {
      tellOnce(file, "waits: " + e.getCause());
    }
  }

  private void take(Waiting file, SourceMapping mapping, FileTransactions transactions) {
    try {
      String sha256 = sha256(file);
      @Nullable FileMessage known = log.find(sha256).orElse(null);
      if (known == null || is(known, FileState.FAILED)) {
        begin(file, sha256, mapping, transactions);
      } else if (is(known, FileState.DONE)) {
        LOG.info("{} was taken before, as {}", file.path(), known.getName());
        done(file);
      } else if (known.getLanding().equals(landing.id())) {
        LOG.info("{} goes on behind line {}", file.path(), known.getLines());
        goOn(file, mapping, known, transactions);
      } else {
        tellOnce(file, "waits: the same content is being taken from another landing folder");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String sha256(Waiting file) throws IOException {
    @Nullable String known = sha256s.get(file);
    if (known == null) {
      known = Sha256.of(file.path());
      sha256s.put(file, known);
    }
    return known;
  }

  /** Empty if there is none now; the file waits for it. */
  private Optional<SourceMapping> mapping(Waiting file) {
    try {
      Optional<SourceMapping> mapping =
          Optional.ofNullable(sources.find(file.source(), sources.lastKnown()));
      if (mapping.isEmpty()) {
        tellOnce(file, "waits: its folder is not called like a source that is active");
      }
      return mapping;
    } catch (DeclarationException e) {
      tellOnce(file, "waits: the mapping of its source can't be read by this release");
      return Optional.empty();
    }
  }

  private void begin(
      Waiting file, String sha256, SourceMapping mapping, FileTransactions transactions)
      throws IOException {
    FileMessage.Builder progress =
        FileMessage.newBuilder()
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
            .setRecords(0);
    begun.increment();
    try {
      inspect(file, mapping, progress);
    } catch (UnreadableFileException e) {
      fail(file, progress, String.valueOf(e.getMessage()), transactions);
      return;
    } catch (RuntimeException e) {
      // Or the process would end at this file again and again.
      LOG.error("A fault of ours; the file that provoked it is refused", e);
      fail(file, progress, "It provoked a fault of Millrace; please report it", transactions);
      return;
    }
    FileMessage first = progress.build();
    commit(List.of(), first, transactions);
    LOG.info(
        "Taking {}: {} bytes, {} inflated", file.path(), file.bytes(), first.getInflatedBytes());
    goOn(file, mapping, first, transactions);
  }

  /** Reads it through; whatever can be wrong with it as a whole is found. */
  private void inspect(Waiting file, SourceMapping mapping, FileMessage.Builder progress)
      throws IOException {
    try (OpenFile open =
        OpenFile.at(file.path(), file.name(), properties.maxInflatedFile().toBytes())) {
      if (!open.format().fits(mapping)) {
        throw new UnreadableFileException(
            "It is %s by its name, and source %s sends %s"
                .formatted(open.format(), mapping.name(), mapping.format()));
      }
      while (open.next() != null) {
        if (closing) {
          throw new IOException("Closing");
        }
      }
      progress.setFormat(open.format().word()).setInflatedBytes(open.position());
    }
  }

  private void goOn(
      Waiting file, SourceMapping mapping, FileMessage known, FileTransactions transactions)
      throws IOException {
    FileFormat format = FileFormat.named(known.getFormat());
    long maxInflated = properties.maxInflatedFile().toBytes();
    FileMessage progress = known;
    Instant toldAt = clock.instant();
    try (OpenFile open =
        known.getPosition() == 0
            ? OpenFile.at(file.path(), file.name(), maxInflated)
            : OpenFile.at(
                file.path(), format, known.getPosition(), known.getLines(), maxInflated)) {
      while (is(progress, FileState.TAKING) && !closing) {
        progress = takeBatch(open, mapping, progress, transactions);
        if (toldAt.plus(TOLD_EVERY).isBefore(clock.instant())) {
          toldAt = clock.instant();
          LOG.info(
              "{}: {} %, {} lines", file.path(), FileStatus.percent(progress), progress.getLines());
        }
      }
    }
    if (is(progress, FileState.DONE)) {
      LOG.info(
          "{}: done, {} records of {} lines",
          file.path(),
          progress.getRecords(),
          progress.getLines());
      done(file);
    }
  }

  private void done(Waiting file) throws IOException {
    if (!landing.done(file)) {
      LOG.info("{} is another one by now; it is looked at anew", file.path());
    }
  }

  private FileMessage takeBatch(
      OpenFile open, SourceMapping mapping, FileMessage before, FileTransactions transactions)
      throws IOException {
    List<RawEvents.Keyed> batch = new ArrayList<>();
    long bytes = 0;
    boolean first = before.getPosition() == 0;
    boolean ended = false;
    while (!ended && batch.size() < BATCH_RECORDS && bytes < BATCH_BYTES) {
      @Nullable FileRecord record = open.next();
      ended = record == null;
      if (record != null && !(first && mapping.isHeader(record.payload()))) {
        batch.add(rawEvents.of(before, open.format(), record));
        bytes += record.payload().length;
      }
      first = false;
    }
    FileMessage.Builder progress =
        FileMessage.newBuilder(before)
            .setPosition(open.position())
            .setLines(open.lines())
            .setRecords(before.getRecords() + batch.size());
    if (ended) {
      progress.setState(FileState.DONE.word()).setFinishedAt(clock.instant());
    }
    FileMessage after = progress.build();
    commit(batch, after, transactions);
    accepted.increment(batch.size());
    lines.increment(after.getLines() - before.getLines());
    if (ended) {
      finished.increment();
    }
    return after;
  }

  private void fail(
      Waiting file, FileMessage.Builder progress, String error, FileTransactions transactions)
      throws IOException {
    LOG.warn("{} can't be taken, and nothing of it was: {}", file.path(), error);
    commit(
        List.of(),
        progress
            .setState(FileState.FAILED.word())
            .setFinishedAt(clock.instant())
            .setError(error)
            .build(),
        transactions);
    failed.increment();
    boolean unused = landing.failed(file);
  }

  private void commit(
      List<RawEvents.Keyed> records, FileMessage progress, FileTransactions transactions) {
    transactions.commit(records, progress, log.encode(progress));
    log.committed(progress);
  }

  private void tellOnce(Waiting file, String what) {
    if (told.add(file)) {
      LOG.warn("{} {}", file.path(), what);
    }
  }

  private static boolean is(FileMessage progress, FileState state) {
    return progress.getState().equals(state.word());
  }
}

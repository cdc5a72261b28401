package dev.millrace.ingest;

import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.DeclarationException;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
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
 * Takes the files of the landing folder one after the other, for as long as the process runs. What
 * can't be done now, because Kafka or the folder is out of reach, is tried again.
 */
final class FileTaker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FileTaker.class);

  private static final Duration PAUSE = Duration.ofSeconds(5);

  /** Two processes on one landing folder take turns of this length, and take nothing twice. */
  private static final Duration PAUSE_IF_SHUT_OUT = Duration.ofSeconds(60);

  private static final Duration STOP = Duration.ofSeconds(10);

  private final Landing landing;
  private final LandingWatch watch;
  private final FileLog log;
  private final FileIntake intake;
  private final ActiveSources sources;
  private final Duration scanEvery;
  private final String bootstrapServers;
  private final Runnable whenDead;
  private final Clock clock = Clock.systemUTC();

  private final Thread thread = new Thread(this::run, "files");
  private final Semaphore wake = new Semaphore(0);
  private final Set<Waiting> told = new HashSet<>();
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
    this.watch = new LandingWatch(landing);
    this.log = log;
    this.intake =
        new FileIntake(
            landing,
            log,
            rawEvents,
            properties.maxInflatedFile().toBytes(),
            () -> closing,
            metrics);
    this.sources = sources;
    this.scanEvery = properties.scanEvery();
    this.bootstrapServers = bootstrapServers;
    this.whenDead = whenDead;
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
      while (!closing) {
        landing.clear(clock.instant());
        List<Waiting> files = watch.complete();
        told.retainAll(files);
        intake.forgetAllBut(files);
        for (Waiting file : files) {
          if (!closing) {
            log.readOn(landing.id());
            take(file, transactions);
          }
        }
        awaitFile();
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

  private void awaitFile() throws InterruptedException {
    boolean woken = wake.tryAcquire(scanEvery.toMillis(), TimeUnit.MILLISECONDS);
    if (woken) {
      wake.drainPermits();
    }
  }

  /** A file that can't be read now does not keep the others waiting. */
  private void take(Waiting file, FileTransactions transactions) {
    if (!FileFormat.isTold(file.name())) {
      tellOnce(file, "it is named neither .csv, .json, .ndjson, .jsonl nor one of them .gz");
      return;
    }
    @Nullable SourceMapping mapping = mapping(file).orElse(null);
    if (mapping == null) {
      return;
    }
    try {
      @Nullable String why = intake.take(file, mapping, transactions);
      if (why != null) {
        tellOnce(file, why);
      }
    } catch (IOException e) {
      if (!closing) {
        tellOnce(file, e.toString());
      }
    }
  }

  /** Empty if there is none now; the file waits for it. */
  private Optional<SourceMapping> mapping(Waiting file) {
    try {
      Optional<SourceMapping> mapping =
          Optional.ofNullable(sources.find(file.source(), sources.lastKnown()));
      if (mapping.isEmpty()) {
        tellOnce(file, "its folder is not called like a source that is active");
      }
      return mapping;
    } catch (DeclarationException e) {
      tellOnce(file, "the mapping of its source can't be read by this release");
      return Optional.empty();
    }
  }

  private void tellOnce(Waiting file, String why) {
    if (told.add(file)) {
      LOG.warn("{} waits: {}", file.path(), why);
    }
  }
}

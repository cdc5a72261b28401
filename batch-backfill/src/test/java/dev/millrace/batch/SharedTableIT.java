package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.lake.ExclusiveLocalLogStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.storage.LogStoreAdaptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark commits to a table on a local disk, and so does somebody else. */
class SharedTableIT {

  private static final Pattern BEING_WRITTEN = Pattern.compile("\\.(\\d{20})\\.json\\..*\\.tmp");
  private static final int APPENDS = 20;

  @TempDir private Path directory;

  private final SparkSession spark = TestSpark.session();

  /** Wants just the versions that somebody else is about to commit. */
  private static final class Rival {

    static final String COMMIT =
        "{\"commitInfo\":{\"timestamp\":0,\"operation\":\"RIVAL\",\"operationParameters\":{}}}";

    private final Path log;
    private final List<Long> won = new ArrayList<>();
    private int lost;

    Rival(Path log) {
      this.log = log;
    }

    void race(WatchService watch, AtomicBoolean over) throws IOException, InterruptedException {
      long last = -1;
      while (!over.get()) {
        WatchKey key = watch.poll(10, TimeUnit.MILLISECONDS);
        if (key == null) {
          continue;
        }
        for (WatchEvent<?> event : key.pollEvents()) {
          Matcher name = BEING_WRITTEN.matcher(String.valueOf(event.context()));
          // Every second one, so that the other gets on.
          if (name.matches() && Long.parseLong(name.group(1)) > last + 1) {
            last = Long.parseLong(name.group(1));
            commit(last);
          }
        }
        key.reset();
      }
    }

    private void commit(long version) throws IOException {
      Configuration hadoop = new Configuration();
      Path file = log.resolve("%020d.json".formatted(version));
      try {
        new ExclusiveLocalLogStore(hadoop)
            .write(
                new org.apache.hadoop.fs.Path(file.toUri()),
                List.of(COMMIT).iterator(),
                false,
                hadoop);
        won.add(version);
      } catch (FileAlreadyExistsException e) {
        lost++;
      }
    }
  }

  @Test
  void noVersionIsBothSparksAndAnothers() throws Exception {
    Path table = directory.resolve("table");
    Path log = table.resolve("_delta_log");
    append(table, -1);
    Rival rival = new Rival(log);
    AtomicBoolean over = new AtomicBoolean();
    try (WatchService watch = log.getFileSystem().newWatchService()) {
      log.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      var failed = new ArrayList<Exception>();
      Thread other =
          new Thread(
              () -> {
                try {
                  rival.race(watch, over);
                } catch (IOException | InterruptedException e) {
                  failed.add(e);
                }
              });
      other.start();
      IntStream.range(0, APPENDS).forEach(row -> append(table, row));
      over.set(true);
      other.join();
      assertThat(failed).isEmpty();
    }

    assertThat(rival.won.size() + rival.lost).as("races").isPositive();
    for (long version : rival.won) {
      assertThat(Files.readAllLines(log.resolve("%020d.json".formatted(version))))
          .as("version %s, which the rival won", version)
          .containsExactly(Rival.COMMIT);
    }
    assertThat(spark.read().format("delta").load(table.toString()).count()).isEqualTo(APPENDS + 1);
    try (Stream<Path> files = Files.list(log)) {
      assertThat(files.filter(file -> file.toString().endsWith(".json")))
          .hasSize(APPENDS + 1 + rival.won.size());
    }
  }

  @Test
  void sparkWritesTheLogOnALocalDiskByTheStoreThatIsExclusive() {
    Path table = directory.resolve("table");
    append(table, 1);

    DeltaLog log = DeltaLog.forTable(spark, table.toString());
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(table.toUri());

    assertThat(
            ((org.apache.spark.sql.delta.storage.DelegatingLogStore) log.store()).getDelegate(file))
        .isInstanceOfSatisfying(
            LogStoreAdaptor.class,
            adaptor ->
                assertThat(adaptor.logStoreImpl()).isInstanceOf(ExclusiveLocalLogStore.class));
  }

  private void append(Path table, long row) {
    spark.range(row, row + 1).write().format("delta").mode("append").save(table.toString());
  }
}

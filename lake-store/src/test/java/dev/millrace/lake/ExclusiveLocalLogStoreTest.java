package dev.millrace.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExclusiveLocalLogStoreTest {

  @TempDir private Path folder;

  private static void write(Path file, boolean overwrite, String... lines) throws Exception {
    Configuration configuration = new Configuration();
    new ExclusiveLocalLogStore(configuration)
        .write(
            new org.apache.hadoop.fs.Path(file.toUri()),
            List.of(lines).iterator(),
            overwrite,
            configuration);
  }

  @Test
  void ofManyWhoWantAVersionOneGetsItWhole() throws Exception {
    int writers = 8;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    CyclicBarrier start = new CyclicBarrier(writers);
    for (int version = 0; version < 50; version++) {
      Path file = folder.resolve(version + ".json");
      List<Callable<String>> attempts = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        String line = "writer " + writer;
        attempts.add(
            () -> {
              start.await();
              try {
                write(file, false, line, line);
                return line;
              } catch (FileAlreadyExistsException e) {
                return "";
              }
            });
      }
      List<String> won = new ArrayList<>();
      for (Future<String> attempt : threads.invokeAll(attempts)) {
        if (!attempt.get().isEmpty()) {
          won.add(attempt.get());
        }
      }
      assertThat(won).hasSize(1);
      assertThat(Files.readAllLines(file)).containsExactly(won.get(0), won.get(0));
    }
    threads.shutdown();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("and nothing is left beside").hasSize(50);
    }
  }

  @Test
  void whatIsThereIsNotTouched() throws Exception {
    Path file = folder.resolve("1.json");
    write(file, false, "first");

    assertThatThrownBy(() -> write(file, false, "second"))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(Files.readAllLines(file)).containsExactly("first");
  }

  @Test
  void overwritingTakesAwayTheChecksumOfWhatWasThere() throws Exception {
    Path file = folder.resolve("_last_checkpoint");
    Path checksum = folder.resolve("._last_checkpoint.crc");
    Files.writeString(file, "old");
    Files.writeString(checksum, "of the old");

    write(file, true, "new");

    assertThat(Files.readAllLines(file)).containsExactly("new");
    assertThat(checksum).doesNotExist();
  }
}

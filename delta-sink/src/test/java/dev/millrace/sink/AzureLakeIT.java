package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables on abfss, against a real Azurite. The environment's {@code AZURITE} names the program
 * {@code azurite-blob}, else it is looked for on the {@code PATH}. Without it these tests are
 * skipped, and fail in CI.
 */
class AzureLakeIT {

  private static final String ACCOUNT = "devstoreaccount1";
  private static final String HOST = ACCOUNT + ".dfs.core.windows.net";

  private static ChildProcess azurite;
  private static int port;
  private static String key;

  @BeforeAll
  static void start(@TempDir Path folder) {
    Optional<Path> program = program();
    assumeTrue(
        "true".equals(System.getenv("CI")) || program.isPresent(),
        "Skipped: there is no azurite-blob on the PATH; npm install azurite, and let AZURITE name node_modules/.bin/azurite-blob");
    byte[] secret = new byte[64];
    new Random().nextBytes(secret);
    key = Base64.getEncoder().encodeToString(secret);
    port = Ports.free();
    azurite =
        ChildProcess.start(
            "azurite",
            folder.resolve("azurite.log"),
            List.of(
                program.orElseThrow().toString(),
                "--blobHost",
                "127.0.0.1",
                "--blobPort",
                Integer.toString(port),
                "--inMemoryPersistence",
                "--skipApiVersionCheck",
                "--loose",
                "--disableTelemetry"),
            Map.of("AZURITE_ACCOUNTS", ACCOUNT + ":" + key));
    // The key is ours alone, so no other server on the port would take our requests.
    azurite.awaitReady(
        Duration.ofSeconds(60), () -> azurite.logTail(5).contains("successfully listens"));
  }

  @AfterAll
  static void stop() {
    if (azurite != null) {
      azurite.close();
    }
  }

  private static Optional<Path> program() {
    String named = System.getenv("AZURITE");
    return named != null
        ? Optional.of(Path.of(named))
        : Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, "azurite-blob"))
            .filter(Files::isExecutable)
            .findFirst();
  }

  /** As a connector is told of an emulated account. */
  private static SinkConfig config(String accountKey) {
    Map<String, String> options =
        new HashMap<>(
            Map.of(
                SinkConfig.LAKE_URI, "abfs://lake@" + HOST,
                SinkConfig.REGISTRY_URL, "http://unused",
                SinkConfig.BOOTSTRAP_SERVERS, "unused:9092",
                SinkConfig.DATE_FIELD, "at",
                SinkConfig.DATE_COLUMN, "event_date",
                SinkConfig.ISOLATION, "read_committed"));
    options.putAll(
        Map.of(
            "fs.azure.account.key." + HOST,
            accountKey,
            "fs.azure.account.auth.type",
            "SharedKey",
            "fs.azure.account.hns.enabled",
            "false",
            "fs.azure.fns.account.service.type",
            "BLOB",
            "fs.azure.ingress.service.type",
            "BLOB",
            "fs.azure.abfs.endpoint",
            "127.0.0.1:" + port,
            "fs.azure.always.use.https",
            "false",
            "fs.azure.createRemoteFileSystemDuringInitialization",
            "true",
            "fs.abfs.impl.disable.cache",
            "true",
            "fs.azure.io.retry.max.retries",
            "1"));
    return new SinkConfig(options);
  }

  private static Engine engine() {
    return DefaultEngine.create(config(key).hadoop());
  }

  private static DeltaTable table(TestInfo test) {
    String topic = test.getTestMethod().orElseThrow().getName();
    return new DeltaTable(engine(), config(key).tablePath(topic), "event_date");
  }

  private static List<Long> offsets(DeltaTable table) {
    return TableReader.rows(engine(), table.path()).stream()
        .map(row -> (Long) row.get("kafka_offset"))
        .sorted()
        .toList();
  }

  @Test
  void rowsLandOnceThere(TestInfo test) throws Exception {
    DeadLetters unfit = new DeadLetters(null);
    DeltaTable table = table(test);
    DeltaTable.Outcome first =
        table.append("id", OptionalLong.empty(), 2, TestRecords.rows(0, 2), unfit);
    table.tidy((DeltaTable.Outcome.Landed) first);

    DeltaTable.Outcome behind =
        table(test).append("id", OptionalLong.empty(), 5, TestRecords.rows(0, 5), unfit);

    assertThat(behind).isEqualTo(new DeltaTable.Outcome.Moved(OptionalLong.of(2)));
    assertThat(offsets(table)).containsExactly(0L, 1L, 2L);
  }

  @Test
  void writersThatMeetThereLoseNothing(TestInfo test) throws Exception {
    int writers = 3;
    int commits = 3;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<?>> done = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      String id = "writer-" + writer;
      done.add(
          threads.submit(
              () -> {
                DeltaTable table = table(test);
                OptionalLong believed = OptionalLong.empty();
                for (long last = 0; last < commits; last++) {
                  DeltaTable.Outcome outcome =
                      table.append(
                          id, believed, last, TestRecords.rows(last, last), new DeadLetters(null));
                  assertThat(outcome).isInstanceOf(DeltaTable.Outcome.Landed.class);
                  believed = OptionalLong.of(last);
                }
                return null;
              }));
    }
    for (Future<?> each : done) {
      each.get();
    }
    threads.shutdown();

    assertThat(offsets(table(test))).containsExactly(0L, 0L, 0L, 1L, 1L, 1L, 2L, 2L, 2L);
  }

  @Test
  void aWrongKeyEndsTheTaskAndTellsWhatToCheck() {
    String wrong = Base64.getEncoder().encodeToString(new byte[64]);
    DeltaTable table =
        new DeltaTable(
            DefaultEngine.create(config(wrong).hadoop()),
            config(wrong).tablePath("refused"),
            "event_date");

    assertThatThrownBy(() -> table.landed("id"))
        .satisfies(
            failure ->
                assertThat(Failure.of((RuntimeException) failure))
                    .isInstanceOf(ConnectException.class)
                    .isNotInstanceOf(RetriableException.class)
                    .hasMessageContaining("check the account"));
  }
}

package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.table.UnfitRecordException;
import dev.millrace.sink.DeltaTable.Outcome.Landed;
import dev.millrace.sink.DeltaTable.Outcome.Moved;
import dev.millrace.sink.DeltaTable.Outcome.NoTable;
import dev.millrace.sink.FaultyFiles.Stage;
import io.delta.kernel.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeltaTableTest {

  private static final String ID = "test_events/Tx_first/0";
  private static final OptionalLong NOTHING = OptionalLong.empty();

  private final List<String> reported = new ArrayList<>();
  private final DeadLetters deadLetters = new DeadLetters(this::remember);

  @TempDir private Path folder;

  private Future<Void> remember(SinkRecord record, Throwable error) {
    reported.add(record.kafkaOffset() + ": " + error.getMessage());
    return CompletableFuture.completedFuture(null);
  }

  private DeltaTable table(Engine engine) {
    return new DeltaTable(engine, folder.toUri() + "test_events", "event_date");
  }

  private DeltaTable table() {
    return table(FaultyFiles.engine());
  }

  private Path path() {
    return folder.resolve("test_events");
  }

  private List<Long> offsets() {
    return TableReader.rows(path()).stream()
        .map(row -> (Long) row.get("kafka_offset"))
        .sorted()
        .toList();
  }

  private static List<Long> through(long last) {
    return LongStream.rangeClosed(0, last).boxed().toList();
  }

  private void land(long last) throws UnfitRecordException {
    DeltaTable table = table();
    DeltaTable.Outcome outcome =
        table.append(ID, NOTHING, last, TestRecords.rows(0, last), deadLetters);
    table.tidy((Landed) outcome);
  }

  private List<Path> parquetFiles() throws IOException {
    try (Stream<Path> files = Files.walk(path())) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.toString().contains("_delta_log"))
          .toList();
    }
  }

  @Test
  void rowsAndTheOffsetThatIsDoneStandInTheTableTogether() throws UnfitRecordException {
    assertThat(table().landed(ID)).isEmpty();

    land(2);

    assertThat(table().landed(ID)).hasValue(2);
    assertThat(table().landed("test_events/Tx_second/0")).isEmpty();
    assertThat(TableReader.rows(path()))
        .filteredOn(row -> row.get("kafka_offset").equals(1L))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get("kafka_topic_id")).isEqualTo("Tx_first");
              assertThat(row.get("kafka_key")).isEqualTo("key-1");
              assertThat(row.get("event_date")).isEqualTo(1);
              assertThat(row.get("id")).isEqualTo("e-1");
              assertThat(row.get("at")).isEqualTo(TestRecords.DAY);
            });
  }

  @Test
  void eachDayHasItsFolderHoweverManyThereAre() throws Exception {
    land(49);

    assertThat(offsets()).isEqualTo(through(49));
    assertThat(path().resolve("event_date=1970-01-02")).isDirectory();
    assertThat(parquetFiles()).hasSize(50);
  }

  @ParameterizedTest
  @EnumSource(
      value = Stage.class,
      names = {"BEFORE_PARQUET", "BEFORE_COMMIT"})
  void aFailureBeforeTheCommitLeavesOrphansOnly(Stage stage) throws Exception {
    DeltaTable failing = table(FaultyFiles.engine(stage, FaultyFiles.failure("unplugged")));

    assertThatThrownBy(() -> failing.append(ID, NOTHING, 4, TestRecords.rows(0, 4), deadLetters))
        .satisfies(
            failure ->
                assertThat(Failure.of((RuntimeException) failure))
                    .isInstanceOf(RetriableException.class));

    assertThat(offsets()).isEmpty();
    assertThat(failing.landed(ID)).isEmpty();
    assertThat(failing.append(ID, NOTHING, 4, TestRecords.rows(0, 4), deadLetters))
        .isInstanceOf(Landed.class);
    assertThat(offsets()).isEqualTo(through(4));
    assertThat(parquetFiles()).hasSize(stage == Stage.BEFORE_COMMIT ? 10 : 5);
  }

  @Test
  void aTableWhoseMakingWasCutOffIsMade() throws Exception {
    Path log = Files.createDirectories(path().resolve("_delta_log"));
    Files.writeString(log.resolve(".00000000000000000000.json.1234.tmp"), "cut o");

    land(2);

    assertThat(offsets()).isEqualTo(through(2));
  }

  @Test
  void aCommitOfWhichTheWriterDidNotHearIsFoundAndNotRepeated() throws Exception {
    DeltaTable failing =
        table(FaultyFiles.engine(Stage.AFTER_COMMIT, FaultyFiles.failure("unplugged")));

    assertThatThrownBy(() -> failing.append(ID, NOTHING, 4, TestRecords.rows(0, 4), deadLetters))
        .isInstanceOf(java.io.UncheckedIOException.class);

    assertThat(failing.append(ID, NOTHING, 4, TestRecords.rows(0, 4), deadLetters))
        .isEqualTo(new Moved(OptionalLong.of(4)));
    assertThat(offsets()).isEqualTo(through(4));
  }

  @Test
  void aWriterWhosePartitionSomebodyElseHasLandedAppendsNothing() throws Exception {
    land(4);
    table().append(ID, OptionalLong.of(4), 9, TestRecords.rows(5, 9), deadLetters);

    DeltaTable.Outcome ahead =
        table().append(ID, OptionalLong.of(4), 19, TestRecords.rows(5, 19), deadLetters);
    DeltaTable.Outcome behind =
        table().append(ID, OptionalLong.of(4), 7, TestRecords.rows(5, 7), deadLetters);

    assertThat(ahead).isEqualTo(new Moved(OptionalLong.of(9)));
    assertThat(behind).isEqualTo(new Moved(OptionalLong.of(9)));
    assertThat(offsets()).isEqualTo(through(9));
  }

  @Test
  void aWriterThatWakesUpBetweenItsLookAndItsCommitAppendsNothing() throws Exception {
    land(4);
    DeltaTable zombie =
        table(
            FaultyFiles.engine(
                Stage.BEFORE_COMMIT,
                () ->
                    assertThat(append(table(), OptionalLong.of(4), 9)).isInstanceOf(Landed.class)));

    DeltaTable.Outcome outcome = append(zombie, OptionalLong.of(4), 19);

    assertThat(outcome).isEqualTo(new Moved(OptionalLong.of(9)));
    assertThat(offsets()).isEqualTo(through(9));
  }

  private DeltaTable.Outcome append(DeltaTable table, OptionalLong believed, long last) {
    try {
      List<Row> rows = TestRecords.rows(believed.getAsLong() + 1, last);
      return table.append(ID, believed, last, rows, deadLetters);
    } catch (UnfitRecordException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aCommitOfAnotherPartitionInBetweenIsNoMatter() throws Exception {
    land(4);
    DeltaTable writer =
        table(
            FaultyFiles.engine(
                Stage.BEFORE_COMMIT,
                () -> table().append("other", NOTHING, 0, List.of(), deadLetters)));

    assertThat(append(writer, OptionalLong.of(4), 9)).isInstanceOf(Landed.class);

    assertThat(offsets()).isEqualTo(through(9));
    assertThat(parquetFiles()).as("written once, used by both attempts").hasSize(10);
  }

  @Test
  void writersOfSeveralPartitionsLoseNothingToEachOther() throws Exception {
    int writers = 4;
    int commits = 4;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<?>> done = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      String id = "writer-" + writer;
      done.add(
          threads.submit(
              () -> {
                DeltaTable table = table();
                OptionalLong believed = NOTHING;
                for (long last = 0; last < commits; last++) {
                  DeltaTable.Outcome outcome =
                      table.append(id, believed, last, TestRecords.rows(last, last), deadLetters);
                  table.tidy((Landed) outcome);
                  believed = OptionalLong.of(last);
                }
                return null;
              }));
    }
    for (Future<?> each : done) {
      each.get();
    }
    threads.shutdown();

    assertThat(TableReader.snapshot(path()).getVersion()).isEqualTo(writers * commits);
    assertThat(offsets()).hasSize(writers * commits);
    assertThat(path().resolve("_delta_log/00000000000000000010.checkpoint.parquet")).exists();
  }

  @Test
  void withoutAnywhereToPutADeadLetterTheTaskFails() {
    Row unfit = new Row(TestRecords.place(0, 3), null, new Object[0]);

    assertThatThrownBy(
            () -> new DeadLetters(null).report(unfit.record(), new UnfitRecordException("is odd")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("offset 3 is odd")
        .hasMessageContaining("errors.deadletterqueue.topic.name");
  }

  @Test
  void withoutRowsNoTableIsMade() {
    assertThat(table().append(ID, NOTHING, 3, List.of(), deadLetters)).isEqualTo(new NoTable());
    assertThat(path()).doesNotExist();
  }

  @Test
  void aTableThatNeedsANewerWriterIsLeftAlone() throws Exception {
    land(0);
    Path commit = path().resolve("_delta_log/00000000000000000002.json");
    Files.writeString(commit, "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":99}}\n");

    assertThatThrownBy(() -> append(table(), OptionalLong.of(0), 1))
        .satisfies(
            failure ->
                assertThat(Failure.of((RuntimeException) failure))
                    .isNotInstanceOf(RetriableException.class)
                    .hasMessageContaining("99"));
  }
}

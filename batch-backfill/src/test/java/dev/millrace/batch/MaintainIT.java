package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.table.LakeTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintainIT {

  private static final LocalDate TODAY = LocalDate.of(2026, 3, 10);

  @TempDir private Path directory;
  private Lake lake;

  @BeforeEach
  void serve() throws IOException {
    ServedLake served = new ServedLake(directory);
    new Shop(5).sendTo(served, 60);
    served.serve();
    lake = served.lake();
  }

  private MaintainReport.Table maintain(Map<String, Integer> keep, Double vacuumHours) {
    MaintainReport report =
        new Maintain(lake, keep, TODAY, vacuumHours, new Steps(System.out)).run();
    report.told().forEach(System.out::println);
    return report.tables().stream()
        .filter(table -> table.name().equals("events_raw"))
        .findFirst()
        .orElseThrow();
  }

  private Map<String, Long> versions() {
    Map<String, Long> versions = new TreeMap<>();
    lake.tables().forEach(table -> versions.put(table, lake.pin(table).version()));
    return versions;
  }

  private List<Row> rows(String table) {
    return lake.pin(table)
        .rows()
        .drop("attributes", "lookups") // maps, which nothing sorts by
        .sort("kafka_partition", "kafka_offset")
        .collectAsList();
  }

  private static long parquetFiles(Path table) throws IOException {
    try (Stream<Path> files = Files.walk(table)) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.toString().contains("_delta_log"))
          .count();
    }
  }

  @Test
  void smallFilesOfADayBecomeOneAndASecondRunChangesNothing() {
    List<Row> before = rows("events_raw");
    History.Contents contents = History.of(lake, "events_raw", 1, true).contents();

    MaintainReport.Table first = maintain(Map.of(), null);
    Map<String, Long> versions = versions();
    MaintainReport.Table again = maintain(Map.of(), null);

    assertThat(first.filesBefore()).isEqualTo(3);
    assertThat(first.filesAfter()).isEqualTo(1);
    assertThat(first.daysCompacted()).isEqualTo(1);
    assertThat(rows("events_raw")).isEqualTo(before);
    History.Contents after = History.of(lake, "events_raw", 1, true).contents();
    assertThat(after.rows()).isEqualTo(60);
    assertThat(after.version()).isGreaterThan(contents.version());
    assertThat(after.sha256()).isEqualTo(contents.sha256());
    assertThat(again.daysCompacted()).isZero();
    assertThat(again.filesAfter()).isEqualTo(1);
    assertThat(versions()).isEqualTo(versions);
    assertThat(lake.pin("events_raw").landed()).hasSize(3);
  }

  @Test
  void filesThatNoVersionHasAreDeletedWhenTheirTimeHasCome() throws IOException {
    Path table = directory.resolve("lake/events_raw");
    Files.copy(anyFile(table), table.resolve("part-orphan.parquet"));

    MaintainReport.Table young = maintain(Map.of(), null);
    TestSpark.session()
        .conf()
        .set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    try {
      MaintainReport.Table old = maintain(Map.of(), 0.0);

      assertThat(young.filesDeleted()).isZero();
      assertThat(old.filesDeleted()).isEqualTo(4);
      assertThat(parquetFiles(table)).isEqualTo(1);
      assertThat(rows("events_raw")).hasSize(60);
    } finally {
      TestSpark.session().conf().unset("spark.databricks.delta.retentionDurationCheck.enabled");
    }
  }

  private static Path anyFile(Path table) throws IOException {
    try (Stream<Path> files = Files.walk(table)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("part-"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void daysThatAreNoLongerToBeKeptAreDroppedAndTheOthersStay() {
    int day = (int) LocalDate.of(2026, 3, 2).until(TODAY).getDays();

    assertThat(maintain(Map.of("events_raw", day), null).daysDropped()).isZero();
    assertThat(rows("events_raw")).hasSize(60);
    MaintainReport.Table dropped = maintain(Map.of("events_raw", day - 1), null);

    assertThat(dropped.daysDropped()).isEqualTo(1);
    assertThat(rows("events_raw")).isEmpty();
    assertThat(rows("events_clean")).isNotEmpty();
    assertThatThrownBy(() -> maintain(Map.of("events_clean", -1), null))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("at least one day");
    assertThatThrownBy(() -> maintain(Map.of("events_rwa", 1), null))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("There is no table events_rwa")
        .hasMessageContaining("events_quarantined");
  }

  @Test
  void historyTellsWhatWroteEachVersion() throws IOException {
    maintain(Map.of(), null);

    History history = History.of(lake, LakeTable.RAW.name(), 10, false);

    assertThat(history.commits())
        .extracting(History.Commit::operation)
        .containsExactly("OPTIMIZE", "WRITE", "WRITE", "WRITE");
    assertThat(history.commits().stream().skip(1).mapToLong(History.Commit::rows).sum())
        .isEqualTo(60);
    assertThat(Files.readString(Path.of(URI.create(lake.report("history", List.of(history))))))
        .contains("\"operation\" : \"OPTIMIZE\"");
    assertThat(history.told()).first().isEqualTo("events_raw");
    assertThatThrownBy(() -> History.of(lake, "nothing", 10, false))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("There is no table nothing");
  }
}

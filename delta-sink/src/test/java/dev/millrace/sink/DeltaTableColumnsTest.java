package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schemas.table.UnfitRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a table takes, and how it lies on the disk. */
class DeltaTableColumnsTest {

  private static final String ID = "test_events/Tx_first/0";

  private final List<String> reported = new ArrayList<>();
  private final DeadLetters deadLetters = new DeadLetters(this::remember);

  @TempDir private Path folder;

  private Future<Void> remember(SinkRecord record, Throwable error) {
    reported.add(record.kafkaOffset() + ": " + error.getMessage());
    return CompletableFuture.completedFuture(null);
  }

  private DeltaTable table() {
    return new DeltaTable(FaultyFiles.engine(), path().toUri().toString(), "event_date");
  }

  private Path path() {
    return folder.resolve("test_events");
  }

  private void land(OptionalLong believed, List<Row> rows) {
    long last = rows.get(rows.size() - 1).record().kafkaOffset();
    assertThat(table().append(ID, believed, last, rows, deadLetters))
        .isInstanceOf(DeltaTable.Outcome.Landed.class);
  }

  private void landFirst() throws UnfitRecordException {
    land(OptionalLong.empty(), TestRecords.rows(0, 0));
  }

  private List<Long> offsets() {
    return TableReader.rows(path()).stream()
        .map(row -> (Long) row.get("kafka_offset"))
        .sorted()
        .toList();
  }

  private Path parquetFile() throws IOException {
    try (Stream<Path> files = Files.walk(path())) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.toString().contains("_delta_log"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void columnsThatAreNewAreAddedAndOlderRowsHaveNull() throws Exception {
    landFirst();
    Schema wider =
        TestRecords.schema("EventMessage")
            .requiredString("id")
            .name("at")
            .type(TestRecords.time())
            .noDefault()
            .optionalLong("amount")
            .endRecord();
    Row row =
        TestRecords.row(
            TestRecords.shape(wider),
            1,
            new GenericRecordBuilder(wider)
                .set("id", "e-1")
                .set("at", 0L)
                .set("amount", 5L)
                .build());

    List<Row> rows = new ArrayList<>(List.of(row));
    rows.addAll(TestRecords.rows(2, 2));
    land(OptionalLong.of(0), rows);

    assertThat(TableReader.rows(path()))
        .extracting(each -> each.get("kafka_offset") + ": " + each.get("amount"))
        .containsExactlyInAnyOrder("0: null", "1: 5", "2: null");
    assertThat(TableReader.snapshot(path()).getProtocol().getMinReaderVersion()).isEqualTo(1);
    land(OptionalLong.of(2), TestRecords.rows(3, 3));
    assertThat(offsets()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(reported).isEmpty();
  }

  @Test
  void aChangedTypeIsADeadLetterAndTheOthersLand() throws Exception {
    landFirst();
    Schema other =
        TestRecords.schema("EventMessage")
            .requiredLong("id")
            .name("at")
            .type(TestRecords.time())
            .noDefault()
            .endRecord();
    Row unfit =
        TestRecords.row(
            TestRecords.shape(other),
            1,
            new GenericRecordBuilder(other).set("id", 7L).set("at", 0L).build());
    List<Row> rows = new ArrayList<>(TestRecords.rows(2, 3));
    rows.add(0, unfit);

    land(OptionalLong.of(0), rows);

    assertThat(offsets()).containsExactly(0L, 2L, 3L);
    assertThat(reported)
        .containsExactly(
            "1: Record at test.events-0 offset 1 has id as long; the table has it as string, and a column keeps its type");
  }

  @Test
  void nullForARequiredColumnIsADeadLetter() throws Exception {
    landFirst();
    Schema loose =
        TestRecords.schema("EventMessage")
            .optionalString("id")
            .name("at")
            .type(TestRecords.time())
            .noDefault()
            .endRecord();
    Row unfit =
        TestRecords.row(
            TestRecords.shape(loose), 1, new GenericRecordBuilder(loose).set("at", 0L).build());

    land(OptionalLong.of(0), List.of(unfit));

    assertThat(reported).singleElement().asString().endsWith("has no id, which the table requires");
    assertThat(table().landed(ID)).as("and is done with").hasValue(1);
    assertThat(offsets()).containsExactly(0L);
  }

  @Test
  void filesAreCompressedAndKeepNoPayloadInTheLog() throws Exception {
    Schema raw =
        TestRecords.schema("Raw")
            .requiredBytes("payload")
            .name("at")
            .type(TestRecords.time())
            .noDefault()
            .endRecord();
    byte[] payload = "secret".repeat(100).getBytes(StandardCharsets.UTF_8);
    Row row =
        TestRecords.row(
            TestRecords.shape(raw),
            0,
            new GenericRecordBuilder(raw)
                .set("payload", ByteBuffer.wrap(payload))
                .set("at", 0L)
                .build());

    land(OptionalLong.empty(), List.of(row));

    assertThat(TableReader.rows(path()).get(0).get("payload")).isEqualTo(payload);
    assertThat(Files.readString(path().resolve("_delta_log/00000000000000000001.json")))
        .contains("kafka_offset")
        .doesNotContain("secret")
        .contains("millrace-delta-sink-");
    assertThat(codec(parquetFile())).isEqualTo(CompressionCodecName.ZSTD);
  }

  private static CompressionCodecName codec(Path file) throws IOException {
    HadoopInputFile input =
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(file.toUri()), FaultyFiles.configuration());
    try (ParquetFileReader reader = ParquetFileReader.open(input)) {
      return reader.getFooter().getBlocks().get(0).getColumns().get(0).getCodec();
    }
  }
}

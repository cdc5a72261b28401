package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphansTest {

  @TempDir private Path table;

  @Test
  void areTheParquetFilesThatNoCommitNames() throws IOException {
    assertThat(Orphans.count(table)).isZero();
    Path log = Files.createDirectories(table.resolve("_delta_log"));
    Path day = Files.createDirectories(table.resolve("day=2026-01-05"));
    Files.writeString(
        log.resolve("00000000000000000001.json"),
        """
        {"commitInfo":{}}
        {"add":{"path":"day=2026-01-05/named%20so.parquet"}}
        """);
    Files.writeString(log.resolve("00000000000000000001.checkpoint.parquet"), "");
    Files.writeString(day.resolve("named so.parquet"), "");
    Files.writeString(day.resolve("orphan.parquet"), "");
    Files.writeString(day.resolve(".orphan.parquet.crc"), "");

    assertThat(Orphans.count(table)).isEqualTo(1);
  }
}

package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableLogTest {

  @TempDir private Path table;

  private void commit(int version, String transactionId, long last) throws IOException {
    Files.writeString(
        Files.createDirectories(table.resolve("_delta_log"))
            .resolve("%020d.json".formatted(version)),
        """
        {"commitInfo":{"operation":"WRITE"}}
        {"txn":{"appId":"%s","version":%d}}
        """
            .formatted(transactionId, last));
  }

  @Test
  void tellsHowFarEachPartitionHasComeByNow() throws IOException {
    TableLog log = new TableLog(table);
    assertThat(log.landed("t/id/0")).isEqualTo(-1);

    commit(0, "t/id/0", 7);
    commit(1, "t/id/1", 3);
    assertThat(log.landed("t/id/0")).isEqualTo(7);

    commit(2, "t/id/0", 9);
    assertThat(log.landed("t/id/0")).isEqualTo(9);
    assertThat(log.landed("t/id/1")).isEqualTo(3);
    assertThat(log.landed("t/another/0")).isEqualTo(-1);
    assertThat(log.commits("WRITE")).isEqualTo(3);
    assertThat(log.commits("OPTIMIZE")).isZero();
  }
}

package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {

  @TempDir Path dir;

  @Test
  void setsidIsUsedWhereItIsOnThePath() throws IOException {
    Path setsid = Files.createFile(dir.resolve("setsid"));
    assertThat(setsid.toFile().setExecutable(true)).isTrue();

    assertThat(Session.prefix("/nowhere:" + dir)).containsExactly(setsid.toString());
  }

  @Test
  void withoutSetsidCommandsRunAsTheyAre() {
    assertThat(Session.prefix(dir.toString())).isEmpty();
  }
}

package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {

  @TempDir Path dir;

  @Test
  void aDirectoryHasOneUserByWhicheverPathItIsNamed() throws IOException {
    Path link =
        Files.createSymbolicLink(dir.resolve("link"), Files.createDirectory(dir.resolve("data")));

    try (DirectoryLock first = DirectoryLock.of(dir.resolve("data"))) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> DirectoryLock.of(link))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is in use");
    }

    DirectoryLock.of(link).close();
  }

  @Test
  void afterAFailureTheDirectoryIsAsFreeAsBefore() throws IOException {
    Path obstacle = Files.createDirectory(dir.resolve("lock"));
    assertThatThrownBy(() -> DirectoryLock.of(dir)).isInstanceOf(UncheckedIOException.class);

    Files.delete(obstacle);

    DirectoryLock.of(dir).close();
  }
}

package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {

  @TempDir Path dir;

  @Test
  void aChildDoesNotSurviveTheKillOfItsParent() {
    ProcessHandle grandchild = grandchildOfAKilledParent("exec sleep 1000");

    await().atMost(Duration.ofSeconds(4)).until(() -> !runs(grandchild));
  }

  @Test
  void neitherDoesOneThatIgnoresSigterm() {
    ProcessHandle grandchild =
        grandchildOfAKilledParent("trap '' TERM; while :; do sleep 0.1; done");

    await().atMost(Duration.ofSeconds(15)).until(() -> !runs(grandchild));
  }

  private ProcessHandle grandchildOfAKilledParent(String script) {
    try (ChildProcess parent =
        ChildProcess.start(
            "parent",
            dir.resolve("parent.log"),
            ChildProcess.java(
                List.of(
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ParentOfOne.class.getName(),
                    dir.resolve("child.log").toString(),
                    script)))) {
      parent.awaitReady(Duration.ofSeconds(20), () -> parent.logTail(1).matches("\\d+"));
      ProcessHandle grandchild = ProcessHandle.of(Long.parseLong(parent.logTail(1))).orElseThrow();
      assertThat(runs(grandchild)).isTrue();
      parent.kill();
      return grandchild;
    }
  }

  /** A process that has ended counts as ended, even if nobody has asked for its exit code. */
  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && !isZombie(process.pid());
  }

  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException gone) {
      return true;
    }
  }
}

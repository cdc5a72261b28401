package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {

  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  @TempDir Path dir;

  @Test
  void bothOutputsGoToTheLogAndTheExitCodeIsKept() throws Exception {
    ChildProcess child = sh("echo out; echo $GREETING >&2; exit 3", Map.of("GREETING", "hello"));

    assertThat(child.onExit().get(10, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(child.isAlive()).isFalse();
    assertThat(Files.readString(log())).isEqualTo("out\nhello\n");
  }

  @Test
  void theLogIsAppendedToAndTheTailIsOfThisChildOnly() throws IOException {
    Files.createDirectories(log().getParent());
    Files.writeString(log(), "of an earlier child\n");

    ChildProcess child = sh("echo one; echo two; echo three");
    assertThat(child.log()).isEqualTo(log());
    child.onExit().join();

    assertThat(child.logTail(2)).isEqualTo("two\nthree");
    assertThat(child.logTail(100)).isEqualTo("one\ntwo\nthree");
    assertThat(Files.readString(log())).startsWith("of an earlier child\n");
  }

  @Test
  void aLogThatIsGoneIsSaidInsteadOfTheTail() throws IOException {
    ChildProcess child = sh("echo one");
    child.onExit().join();
    Files.delete(log());

    assertThat(child.logTail(2)).contains("cannot be read");
  }

  @Test
  void runsInASessionOfItsOwnSoThatCtrlCReachesOnlyTheParent() throws IOException {
    try (ChildProcess child = sh("exec sleep 1000")) {
      assertThat(sessionOf(child.pid())).isEqualTo(child.pid());
    }
  }

  @Test
  void terminateLetsTheChildFinish() {
    ChildProcess child = sh("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done");
    child.awaitReady(TEN_SECONDS, () -> child.logTail(1).equals("up"));

    assertThat(child.terminate(TEN_SECONDS)).isEqualTo(7);
    assertThat(child.logTail(1)).isEqualTo("bye");
  }

  @Test
  void terminateKillsAChildThatIgnoresIt() {
    ChildProcess child = sh("trap '' TERM; echo up; while :; do sleep 0.05; done");
    child.awaitReady(TEN_SECONDS, () -> child.logTail(1).equals("up"));

    assertThat(child.terminate(Duration.ofMillis(100))).isEqualTo(128 + 9);
  }

  @Test
  void killEndsTheChildAtOnce() {
    ChildProcess child = sh("trap 'echo bye' TERM; echo up; while :; do sleep 0.05; done");
    child.awaitReady(TEN_SECONDS, () -> child.logTail(1).equals("up"));

    child.kill();

    assertThat(child.isAlive()).isFalse();
    assertThat(child.logTail(1)).isEqualTo("up");
  }

  @Test
  void aSuspendedChildStandsStillUntilItIsResumed() {
    try (ChildProcess child = sh("while :; do sleep 0.01; done")) {
      child.suspend();
      await().until(() -> stateOf(child.pid()) == 'T');

      child.resume();
      await().until(() -> stateOf(child.pid()) != 'T');
    }
  }

  @Test
  void aSuspendedChildCanBeTerminated() {
    ChildProcess child = sh("exec sleep 1000");
    child.suspend();

    assertThat(child.terminate(TEN_SECONDS)).isEqualTo(128 + 15);
  }

  @Test
  void aChildThatEndsBeforeItIsReadyIsReportedWithItsLog() {
    ChildProcess child = sh("echo no such file; exit 4");

    assertThatThrownBy(() -> child.awaitReady(TEN_SECONDS, () -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("child ended with exit code 4 before it was ready")
        .hasMessageContaining("no such file")
        .hasMessageContaining(log().toString());
  }

  @Test
  void aChildThatIsNotReadyInTimeIsReportedAndKilled() {
    ChildProcess child = sh("echo still thinking; exec sleep 1000");

    assertThatThrownBy(() -> child.awaitReady(Duration.ofSeconds(1), () -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("child did not become ready in 1 s")
        .hasMessageContaining("still thinking");
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void aChildWhoseReadinessCannotBeAskedIsKilled() {
    ChildProcess child = sh("exec sleep 1000");

    assertThatThrownBy(
            () ->
                child.awaitReady(
                    TEN_SECONDS,
                    () -> {
                      throw new IllegalStateException("cannot ask");
                    }))
        .hasMessage("cannot ask");
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void aCommandThatDoesNotExistIsReported() {
    ChildProcess child = ChildProcess.start("child", log(), List.of("/nowhere/at-all"));

    assertThatThrownBy(() -> child.awaitReady(TEN_SECONDS, () -> false))
        .hasMessageContaining("/nowhere/at-all");
  }

  @Test
  void aLogThatCannotBeWrittenIsReported() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));

    assertThatThrownBy(
            () -> ChildProcess.start("child", file.resolve("child.log"), List.of("true")))
        .hasMessageContaining("Cannot start child");
  }

  @Test
  void javaIsTheOneThatRunsUs() throws Exception {
    ChildProcess child = ChildProcess.start("java", log(), ChildProcess.java(List.of("--version")));

    assertThat(child.onExit().get(10, TimeUnit.SECONDS)).isZero();
    assertThat(child.logTail(100)).contains(System.getProperty("java.version"));
  }

  private ChildProcess sh(String script) {
    return sh(script, Map.of());
  }

  private ChildProcess sh(String script, Map<String, String> environment) {
    return ChildProcess.start("child", log(), List.of("sh", "-c", script), environment);
  }

  private Path log() {
    return dir.resolve("logs").resolve("child.log");
  }

  private static char stateOf(long pid) throws IOException {
    return stat(pid)[0].charAt(0);
  }

  private static long sessionOf(long pid) throws IOException {
    // The session is set by setsid before it becomes the command.
    await().until(() -> Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("sleep"));
    return Long.parseLong(stat(pid)[3]);
  }

  /** The fields of /proc/PID/stat after the name: state, parent, group, session, … */
  private static String[] stat(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
  }
}

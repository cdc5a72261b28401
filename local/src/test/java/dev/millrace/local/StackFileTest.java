package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackFileTest {

  private static final ProcessId ME = ProcessId.of(ProcessHandle.current());

  @TempDir private Path work;
  private Home home;

  @BeforeEach
  void home() {
    home = Homes.in(work);
  }

  private static StackFile stack(ProcessId owner, boolean ready) {
    return new StackFile(
        owner,
        ready,
        "127.0.0.1:1",
        "http://127.0.0.1:2",
        "redis://127.0.0.1:3",
        "artifacts",
        "logs",
        List.of(new Part("kafka", owner, 1, "127.0.0.1:1", true, "logs/kafka.log")));
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    StackFile stack = stack(ME, true);
    stack.write(home.stackFile());

    assertThat(StackFile.read(home.stackFile())).contains(stack);
    assertThat(StackFile.ofRunningStack(home)).isEqualTo(stack);
    assertThat(Files.readString(home.stackFile())).contains("\"bootstrap_servers\"");
    assertThat(stack.ports()).isEqualTo(Map.of("kafka", 1));
  }

  @Test
  void aStackThatNobodyKeepsUpIsNotRunning() {
    stack(new ProcessId(ME.pid(), ME.startedAt() - 60_000), true).write(home.stackFile());

    assertThatThrownBy(() -> StackFile.ofRunningStack(home))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("No stack is running here");
  }

  @Test
  void aStackThatIsStillStartingCannotBeUsed() {
    stack(ME, false).write(home.stackFile());

    assertThatThrownBy(() -> StackFile.ofRunningStack(home))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("still starting");
  }

  @Test
  void whatIsNoStackFileIsNone() throws IOException {
    assertThat(StackFile.read(home.stackFile())).isEmpty();
    Files.writeString(home.stackFile(), "{\"owner\":");
    assertThat(StackFile.read(home.stackFile())).isEmpty();
  }

  @Test
  void tellsAProcessFromALaterOneWithItsId() {
    assertThat(ME.isAlive()).isTrue();
    assertThat(new ProcessId(ME.pid(), ME.startedAt() + 60_000).isAlive()).isFalse();
    assertThat(new ProcessId(Long.MAX_VALUE, 0).isAlive()).isFalse();
  }
}

package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import dev.millrace.local.generator.GeneratedEvents;
import dev.millrace.local.generator.Plan;
import dev.millrace.servers.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting and stopping: real Kafka, registry and Redis; services that do nothing. */
class StackIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private Home home;

  @BeforeEach
  void home() throws IOException {
    home = FakeService.home(directory);
  }

  @Test
  void aServiceThatDoesNotStartIsNamedAndEverythingIsStopped() throws Exception {
    FakeService.letFail(home, Service.CLEANSING);

    Cli up = Cli.run(home, "up");

    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err())
        .startsWith("millrace: cleansing-service ended")
        .contains("exit code 3", "there is no topic events.raw", "cleansing-service.log");
    assertThat(up.out()).contains("kafka", "registry", "redis", "Stopping").doesNotContain("is up");
    assertThat(home.stackFile()).doesNotExist();
  }

  @Test
  void aServiceThatDiesLaterIsReportedAndEverythingIsStopped() {
    CompletableFuture<Cli> running = CompletableFuture.supplyAsync(() -> Cli.run(home, "up"));
    StackFile stack = awaitReady();

    Cli second = Cli.run(home, "up");
    kill(stack.part("features-service").orElseThrow().process());
    Cli up = running.join();

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.err()).contains("running here already", "process " + stack.owner().pid());
    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.out())
        .contains(
            "Millrace is up",
            "curl -s",
            "features-service ended unexpectedly with exit code 137",
            "Stopped.");
    assertThat(stack.parts()).hasSize(8).noneMatch(part -> part.process().isAlive());
    assertThat(home.stackFile()).doesNotExist();
  }

  @Test
  void stopsEverythingWhenItIsAskedTo() {
    try (ChildProcess up = up()) {
      StackFile stack = awaitReady();

      assertThat(up.terminate(PATIENCE)).isZero();

      // Connect, which starts behind the others, may be ready in between.
      assertThat(up.logTail(10)).contains("Stopping", "Stopped.");
      assertThat(stack.parts()).hasSize(8).noneMatch(part -> part.process().isAlive());
      assertThat(home.stackFile()).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "HUP"})
  void startedInTheBackgroundOfAScriptItIsStoppedBySignalsAsWell(String signal) throws Exception {
    // A shell that is not interactive lets what it starts with & ignore SIGINT.
    try (ChildProcess script = inBackground()) {
      StackFile stack = awaitReady();

      signal(signal, stack.owner().pid());

      assertThat(script.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
      assertThat(stack.parts()).hasSize(8).noneMatch(part -> part.process().isAlive());
    }
  }

  @Test
  void isStoppedByACommandInAnotherTerminal() throws Exception {
    try (ChildProcess up = up()) {
      StackFile stack = awaitReady();

      Cli down = Cli.run(home, "down");

      assertThat(down.exitCode()).as(down.err()).isZero();
      assertThat(down.out())
          .contains("Stopping the stack of process " + stack.owner().pid(), "Stopped.");
      assertThat(up.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
      assertThat(stack.parts()).hasSize(8).noneMatch(part -> part.process().isAlive());
      assertThat(Cli.run(home, "down").out()).contains("No stack is running here");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"source", "contract"})
  void aBrokenDeclarationIsToldBeforeAnythingIsStarted(String kind) throws Exception {
    Path declaration = home.root().resolve("schemas/" + kind + "s/web.yaml");
    Files.createDirectories(declaration.getParent());
    Files.writeString(declaration, kind + ": web\nversion: 0\n");

    Cli up = Cli.run(home, "up");

    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err()).contains("The declaration can't be used", declaration + ":2");
    assertThat(up.out()).doesNotContain("kafka", "redis", "registry");
  }

  @Test
  void twoDeclarationsOfOneVersionAreToldBeforeAnythingIsStarted() throws Exception {
    Path source = home.root().resolve("schemas/sources/default.yaml");
    Files.writeString(
        source.resolveSibling("other.yaml"),
        Files.readString(source).replace("user_id:", "user_id: # as before\n   "));

    Cli up = Cli.run(home, "up");

    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err())
        .contains("other.yaml: declares source default version", "default.yaml does");
    assertThat(up.out()).doesNotContain("kafka", "redis", "registry");
  }

  @Test
  void leavesNothingBehindWhenItIsKilledHalfWayAndStartsAgainAfterwards() {
    List<Part> left;
    try (ChildProcess killed = up()) {
      left = awaitPart("kafka").parts();
      killed.kill();
    }

    try (ChildProcess next = up()) {
      StackFile stack = awaitReady();
      assertThat(left).noneMatch(part -> part.process().isAlive());
      next.kill();

      await()
          .atMost(PATIENCE)
          .until(() -> stack.parts().stream().noneMatch(part -> part.process().isAlive()));
    }
  }

  @Test
  void aDemoThatStandsStillSaysWhatIsMissingAndWhereToLook() {
    Console console = new Console(System.out, false);
    try (Stack stack = Stack.claim(home, console)) {
      stack.start();
      Kills none = new Kills(stack, console, List.of());
      Demo demo = new Demo(stack, console, 0, Duration.ofSeconds(2), none);

      assertThatThrownBy(() -> demo.run(new GeneratedEvents(Plan.of(1, "u-", 10, 100))))
          .isInstanceOf(CommandException.class)
          .hasMessageContaining("Nothing has come out of the pipeline for 2 s")
          .hasMessageContaining("0 of 100 published events accepted as raw")
          .hasMessageContaining(home.logs().toString());
      assertThatThrownBy(() -> demo.run(List.<byte[]>of().iterator(), "nowhere"))
          .hasMessageContaining("Active are: default");
    }
  }

  private ChildProcess up() {
    return ChildProcess.start("millrace", directory.resolve("up.log"), upCommand());
  }

  private ChildProcess inBackground() {
    List<String> script = new ArrayList<>(List.of("sh", "-c", "\"$@\" & wait $!", "script"));
    script.addAll(upCommand());
    return ChildProcess.start("script", directory.resolve("up.log"), script);
  }

  private List<String> upCommand() {
    return ChildProcess.java(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-D" + Home.ROOT_PROPERTY + "=" + home.root(),
            "-D" + Home.WORK_PROPERTY + "=" + home.work(),
            "-D" + Home.VERSION_PROPERTY + "=" + home.version(),
            "-cp",
            System.getProperty("java.class.path"),
            Millrace.class.getName(),
            "up"));
  }

  private StackFile awaitReady() {
    return awaitStack(
        stack -> stack.ready() && stack.part(Members.CONNECT).filter(Part::ready).isPresent());
  }

  private StackFile awaitPart(String name) {
    return awaitStack(stack -> stack.part(name).isPresent());
  }

  private StackFile awaitStack(Predicate<StackFile> condition) {
    try {
      return await()
          .atMost(PATIENCE)
          .until(
              () ->
                  StackFile.read(home.stackFile())
                      .filter(stack -> stack.owner().isAlive())
                      .filter(condition),
              Optional::isPresent)
          .orElseThrow();
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("It is not ready. ./millrace up said:\n" + said(), e);
    }
  }

  private String said() {
    try {
      return Files.readString(directory.resolve("up.log"));
    } catch (IOException e) {
      return "nothing, " + e;
    }
  }

  private static void signal(String signal, long pid) throws Exception {
    Process kill = new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + pid).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static void kill(ProcessId process) {
    ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();
  }
}

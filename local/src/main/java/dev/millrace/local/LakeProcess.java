package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A program of the sink that reads tables, in a process of its own, since Delta and we need
 * different versions of the same libraries.
 */
final class LakeProcess {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private LakeProcess() {}

  /**
   * Runs it to its end; returns what it said.
   *
   * @param program its class, in the package of the sink
   * @param lake the folder of the tables, which is its first argument
   * @throws CommandException if it can't read them, or takes more than 5 minutes
   */
  static String run(Home home, Path log, String program, Path lake, List<String> arguments) {
    List<String> command =
        ChildProcess.java(
            Stream.concat(
                    Stream.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        home.lakeClasspath(),
                        "dev.millrace.sink." + program,
                        lake.toUri().toString()),
                    arguments.stream())
                .toList());
    try (ChildProcess reading = ChildProcess.start("lake", log, command)) {
      int exitCode = reading.onExit().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      String said = reading.logTail(Integer.MAX_VALUE);
      if (exitCode != 0) {
        throw new CommandException("The tables in %s can't be read:%n%s".formatted(lake, said));
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while reading " + lake, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandException(
          "Reading the tables in %s takes more than %d min; see %s"
              .formatted(lake, TIMEOUT.toMinutes(), log),
          e);
    }
  }
}

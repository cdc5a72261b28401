package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs a command of batch-backfill over the lake of this machine, in a process of its own, since
 * Spark and we need different versions of the same libraries. What it says is said here.
 */
final class Batch {

  private static final List<String> JVM =
      List.of("-Xshare:auto", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError");

  private final Home home;
  private final Path lake;

  Batch(Home home) {
    this(home, home.lake());
  }

  /** Over another lake. */
  Batch(Home home, Path lake) {
    this.home = home;
    this.lake = lake;
  }

  /**
   * The command's exit code.
   *
   * @throws CommandException if there is no lake, or the command can't be started
   */
  int run(String command, List<String> arguments) {
    if (!Files.isDirectory(lake)) {
      throw new CommandException(
          "There is no lake in %s yet. Start the stack with ./millrace up or ./millrace demo: it lands what flows."
              .formatted(lake));
    }
    ProcessBuilder builder = new ProcessBuilder(line(JVM, command, arguments)).inheritIO();
    builder.environment().putAll(environment());
    try {
      return builder.start().waitFor();
    } catch (IOException e) {
      throw new CommandException("Cannot start batch-backfill: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while batch-backfill was running", e);
    }
  }

  /**
   * The line that starts a command in a JVM of its own.
   *
   * @throws CommandException if batch-backfill has not been built
   */
  List<String> line(List<String> jvm, String command, List<String> arguments) {
    return ChildProcess.java(
        Stream.of(
                jvm,
                List.of(
                    "-Dlog4j2.configurationFile=log4j2-file.properties",
                    "-Dmillrace.log=" + home.log("batch-backfill"),
                    "-cp",
                    home.batchClasspath(),
                    "dev.millrace.batch.BatchBackfill",
                    command),
                arguments)
            .flatMap(List::stream)
            .toList());
  }

  /** What it is told by the environment. */
  Map<String, String> environment() {
    return Map.of(
        "MILLRACE_LAKE_URI", lake.toUri().toString(),
        "MILLRACE_ARTIFACTS", home.artifacts().toString(),
        "MILLRACE_PII_KEYS", home.piiKeys().toString());
  }
}

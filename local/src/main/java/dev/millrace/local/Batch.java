package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs a command of batch-backfill over the lake of this machine, in a process of its own, since
 * Spark and we need different versions of the same libraries. What it says is said here.
 */
final class Batch {

  private static final List<String> JVM =
      List.of("-Xshare:auto", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError");

  private final Home home;

  Batch(Home home) {
    this.home = home;
  }

  /**
   * The command's exit code.
   *
   * @throws CommandException if there is no lake, or the command can't be started
   */
  int run(String command, List<String> arguments) {
    if (!Files.isDirectory(home.lake())) {
      throw new CommandException(
          "There is no lake in %s yet. Start the stack with ./millrace up or ./millrace demo: it lands what flows."
              .formatted(home.lake()));
    }
    Path log = home.log("batch-backfill");
    List<String> line =
        ChildProcess.java(
            Stream.of(
                    JVM,
                    List.of(
                        "-Dlog4j2.configurationFile=log4j2-file.properties",
                        "-Dmillrace.log=" + log,
                        "-cp",
                        home.batchClasspath(),
                        "dev.millrace.batch.BatchBackfill",
                        command),
                    arguments)
                .flatMap(List::stream)
                .toList());
    ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
    builder.environment().put("MILLRACE_LAKE_URI", home.lake().toUri().toString());
    builder.environment().put("MILLRACE_ARTIFACTS", home.artifacts().toString());
    builder.environment().put("MILLRACE_PII_KEYS", home.piiKeys().toString());
    try {
      return builder.start().waitFor();
    } catch (IOException e) {
      throw new CommandException("Cannot start batch-backfill: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while batch-backfill was running", e);
    }
  }
}

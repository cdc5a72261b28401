package dev.millrace.local;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A file of events that somebody names. */
final class EventFile {

  private EventFile() {}

  /**
   * Before anything is started or sent.
   *
   * @throws ParameterException if it can't be one
   */
  static void require(Path file, CommandSpec spec) {
    if (!Files.exists(file)) {
      throw new ParameterException(
          spec.commandLine(), "There is no file %s to read".formatted(file));
    }
    if (Files.isDirectory(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is a folder. Name a file that has an event per line.".formatted(file));
    }
    if (!Files.isReadable(file)) {
      throw new ParameterException(
          spec.commandLine(), "You may not read %s: its permissions forbid it".formatted(file));
    }
  }
}

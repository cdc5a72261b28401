package dev.millrace.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A file of events that somebody names. */
final class EventFile {

  /** What every gzip file begins with, and no CSV or JSON. */
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};

  private EventFile() {}

  /**
   * Before anything is started or sent.
   *
   * @throws ParameterException if it can't be one
   */
  static void require(Path file, Home home, CommandSpec spec) {
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
    if (isGzip(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is gzip, and its lines can be read only when it is unpacked: gunzip it. Or hand it to a running stack as it is: by POST /v1/files, or in the folder of its source below %s"
              .formatted(file, home.landing()));
    }
  }

  private static boolean isGzip(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(GZIP.length), GZIP);
    } catch (IOException e) {
      throw new CommandException("Cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}

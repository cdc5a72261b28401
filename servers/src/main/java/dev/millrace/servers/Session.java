package dev.millrace.servers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Starts commands in a session of their own, so that Ctrl-C in a terminal reaches only us. */
final class Session {

  private static final List<String> PREFIX =
      prefix(System.getenv().getOrDefault("PATH", "/usr/bin"));

  private Session() {}

  /** What to put before a command; nothing where the system has no {@code setsid}. */
  static List<String> prefix() {
    return PREFIX;
  }

  static List<String> prefix(String path) {
    return Stream.of(path.split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, "setsid"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(setsid -> List.of(setsid.toString()))
        .orElse(List.of());
  }
}

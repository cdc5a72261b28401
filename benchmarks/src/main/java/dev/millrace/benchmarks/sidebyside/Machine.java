package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the numbers depend on. */
record Machine(String cpu, int cores, String memory, String kernel, String jdk) {

  static Machine here() {
    return new Machine(
        value("model name", lines(Path.of("/proc/cpuinfo")), "unknown"),
        Runtime.getRuntime().availableProcessors(),
        gibibytes(value("MemTotal", lines(Path.of("/proc/meminfo")), "0 kB")),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** The first line of that name, in the form of /proc. */
  static String value(String name, List<String> lines, String otherwise) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(otherwise);
  }

  static String gibibytes(String kilobytes) {
    long number = Long.parseLong(kilobytes.replaceAll("\\D", ""));
    return String.format(Locale.ROOT, "%.0f GiB", number / 1024.0 / 1024.0);
  }

  String text() {
    return "%s, %d cores, %s; %s; JDK %s".formatted(cpu, cores, memory, kernel, jdk);
  }
}

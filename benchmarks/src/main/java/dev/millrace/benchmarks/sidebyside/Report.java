package dev.millrace.benchmarks.sidebyside;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * All measurements that there are, as they are kept in JSON; each tells by itself when and where it
 * was made.
 */
record Report(Map<String, Entry> measurements) {

  /**
   * @param at the time, UTC
   * @param commit of the tree, and whether it had changes
   * @param command that makes it again
   */
  record Entry(String at, String commit, String command, Machine machine, Measured measured) {}

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  Report {
    measurements = new TreeMap<>(measurements);
  }

  /** Empty if there is no such file. */
  static Report read(Path file) {
    try {
      return Files.exists(file)
          ? JSON.readValue(file.toFile(), Report.class)
          : new Report(Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read %s; delete it, and measure again".formatted(file), e);
    }
  }

  Report with(String name, Entry entry) {
    Map<String, Entry> all = new TreeMap<>(measurements);
    all.put(name, entry);
    return new Report(all);
  }

  void write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, JSON.writeValueAsString(this) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }
}

package dev.millrace.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Parquet files of a table that no commit names: nobody reads them. */
final class Orphans {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Orphans() {}

  /** None if the table is not there. The log must be there from its beginning. */
  static long count(Path table) throws IOException {
    Path log = table.resolve("_delta_log");
    if (!Files.isDirectory(log)) {
      return 0;
    }
    Set<Path> named = named(table, log);
    try (Stream<Path> files = Files.walk(table)) {
      return files
          .filter(file -> !file.startsWith(log) && file.toString().endsWith(".parquet"))
          .filter(file -> !named.contains(file))
          .count();
    }
  }

  private static Set<Path> named(Path table, Path log) throws IOException {
    Set<Path> named = new HashSet<>();
    List<Path> commits;
    try (Stream<Path> files = Files.list(log)) {
      commits =
          files.filter(file -> file.getFileName().toString().matches("\\d{20}\\.json")).toList();
    }
    for (Path commit : commits) {
      for (String line : Files.readAllLines(commit)) {
        JsonNode path = JSON.readTree(line).path("add").path("path");
        if (path.isTextual()) {
          named.add(table.resolve(URI.create(path.asText()).getPath()));
        }
      }
    }
    return named;
  }
}

package dev.millrace.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the sink has come, and what else was done, as a table's log says; it must be there from
 * its beginning.
 */
final class TableLog {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long NONE = -1;

  private final Path log;
  private final Map<String, Long> versions = new HashMap<>();
  private final Map<String, Long> operations = new HashMap<>();
  private long next;

  TableLog(Path table) {
    this.log = table.resolve("_delta_log");
  }

  /**
   * The last offset that is done under a transaction id, -1 if none is.
   *
   * @throws CommandException if the log can't be read
   */
  long landed(String transactionId) {
    readOn();
    return versions.getOrDefault(transactionId, NONE);
  }

  /**
   * How many commits did this.
   *
   * @param operation as a commit calls it, such as {@code OPTIMIZE}
   * @throws CommandException if the log can't be read
   */
  long commits(String operation) {
    readOn();
    return operations.getOrDefault(operation, 0L);
  }

  private void readOn() {
    try {
      for (Path commit = commit(); Files.exists(commit); commit = commit()) {
        read(Files.readAllLines(commit));
        next++;
      }
    } catch (IOException e) {
      throw new CommandException("Cannot read " + log, e);
    }
  }

  private Path commit() {
    return log.resolve("%020d.json".formatted(next));
  }

  private void read(List<String> actions) throws IOException {
    for (String action : actions) {
      JsonNode read = JSON.readTree(action);
      JsonNode operation = read.path("commitInfo").path("operation");
      if (operation.isTextual()) {
        operations.merge(operation.asText(), 1L, Long::sum);
      }
      JsonNode transaction = read.path("txn");
      if (transaction.isObject()) {
        versions.put(transaction.path("appId").asText(), transaction.path("version").asLong());
      }
    }
  }
}

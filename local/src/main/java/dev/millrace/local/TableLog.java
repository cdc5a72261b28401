package dev.millrace.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How far the sink has come, as a table's log says; it must be there from its beginning. */
final class TableLog {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long NONE = -1;

  private final Path log;
  private final Map<String, Long> versions = new HashMap<>();
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
    try {
      for (Path commit = commit(); Files.exists(commit); commit = commit()) {
        read(Files.readAllLines(commit));
        next++;
      }
    } catch (IOException e) {
      throw new CommandException("Cannot read " + log, e);
    }
    return versions.getOrDefault(transactionId, NONE);
  }

  private Path commit() {
    return log.resolve("%020d.json".formatted(next));
  }

  private void read(List<String> actions) throws IOException {
    for (String action : actions) {
      JsonNode transaction = JSON.readTree(action).path("txn");
      if (transaction.isObject()) {
        versions.put(transaction.path("appId").asText(), transaction.path("version").asLong());
      }
    }
  }
}

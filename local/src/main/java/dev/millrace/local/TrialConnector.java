package dev.millrace.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The connector that comes with the sink, for the topics of a trial and with short times.
 *
 * @param file where it is declared
 */
record TrialConnector(String name, Path file) {

  static final int TASKS = 2;

  /** Whoever lands under these commits each record by itself. */
  static final Map<String, String> ONE_BY_ONE =
      Map.of(
          "flush.rows", "1",
          "consumer.override.max.poll.records", "1",
          "consumer.override.max.partition.fetch.bytes", "1000");

  private static final String LOG_STORE = "dev.millrace.sink.FaultyLogStore";

  /**
   * Writes the file.
   *
   * @throws CommandException if it can't be
   */
  void declare(Home home, List<String> topics) {
    Path bundled =
        home.root().resolve("delta-sink").resolve("connectors").resolve("events-raw.json");
    JsonMapper json = JsonMapper.builder().build();
    try {
      ObjectNode connector = (ObjectNode) json.readTree(bundled.toFile());
      connector.put("name", name);
      ObjectNode config = (ObjectNode) connector.get("config");
      Map.of(
              "topics", String.join(",", topics),
              "tasks.max", Integer.toString(TASKS),
              "errors.tolerance", "none",
              "errors.deadletterqueue.topic.name", "",
              "flush.interval.ms", "500",
              "io.delta.kernel.logStore.file.impl", LOG_STORE,
              "consumer.override.session.timeout.ms", "6000",
              "consumer.override.heartbeat.interval.ms", "500",
              "consumer.override.metadata.max.age.ms", "1000")
          .forEach(config::put);
      json.writeValue(file.toFile(), connector);
    } catch (IOException e) {
      throw new CommandException("Cannot make a connector of " + bundled, e);
    }
  }

  /** Of its consumers, as Connect calls it. */
  String group() {
    return "connect-" + name;
  }
}

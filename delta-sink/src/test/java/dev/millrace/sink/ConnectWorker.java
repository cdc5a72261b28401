package dev.millrace.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Kafka Connect in distributed mode, as a process with the plugin in its plugin path and nowhere
 * else.
 */
final class ConnectWorker implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ChildProcess process;
  private final String url;

  /** Workers of one group; each has a port of its own. */
  static ConnectWorker start(
      Surroundings surroundings, String group, Path folder, Map<String, String> environment) {
    int port = Ports.free();
    String url = "http://127.0.0.1:" + port;
    Properties properties = new Properties();
    properties.putAll(
        Map.ofEntries(
            Map.entry("bootstrap.servers", surroundings.bootstrapServers()),
            Map.entry("group.id", group),
            Map.entry("listeners", url),
            Map.entry("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
            Map.entry("value.converter", "org.apache.kafka.connect.storage.StringConverter"),
            Map.entry("config.storage.topic", group + "-configs"),
            Map.entry("config.storage.replication.factor", "1"),
            Map.entry("offset.storage.topic", group + "-offsets"),
            Map.entry("offset.storage.replication.factor", "1"),
            Map.entry("offset.storage.partitions", "1"),
            Map.entry("status.storage.topic", group + "-status"),
            Map.entry("status.storage.replication.factor", "1"),
            Map.entry("status.storage.partitions", "1"),
            Map.entry("scheduled.rebalance.max.delay.ms", "500"),
            Map.entry("session.timeout.ms", "6000"),
            Map.entry("heartbeat.interval.ms", "1000"),
            Map.entry("offset.flush.interval.ms", "1000"),
            Map.entry("config.providers", "env"),
            Map.entry(
                "config.providers.env.class",
                "org.apache.kafka.common.config.provider.EnvVarConfigProvider"),
            Map.entry("plugin.discovery", "service_load"),
            Map.entry("plugin.path", pluginPath(folder).toString())));
    Path file = folder.resolve("worker-" + port + ".properties");
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> command =
        ChildProcess.java(
            List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile="
                    + Path.of("src/test/resources/logback-test.xml").toAbsolutePath(),
                "-cp",
                workerClassPath(),
                "org.apache.kafka.connect.cli.ConnectDistributed",
                file.toString()));
    ChildProcess process =
        ChildProcess.start(
            "connect", folder.resolve("worker-" + port + ".log"), command, environment);
    ConnectWorker worker = new ConnectWorker(process, url);
    process.awaitReady(START, () -> worker.answer("/connectors").equals("[]") || worker.isReady());
    return worker;
  }

  private ConnectWorker(ChildProcess process, String url) {
    this.process = process;
    this.url = url;
  }

  private boolean isReady() {
    return answer("/health").contains("healthy") && !answer("/health").contains("unhealthy");
  }

  private static String workerClassPath() {
    Path worker = Path.of("..", "connect-worker", "target").toAbsolutePath().normalize();
    if (!Files.exists(worker.resolve("lib"))) {
      throw new IllegalStateException(
          worker.resolve("lib") + " is missing; run ./mvnw -pl connect-worker package");
    }
    return worker.resolve("lib").resolve("*").toString();
  }

  private static synchronized Path pluginPath(Path folder) {
    Path plugin = folder.resolve("plugins").resolve("delta-sink");
    if (Files.exists(plugin)) {
      return plugin.getParent();
    }
    try {
      Files.createDirectories(plugin);
      List<Path> entries = new ArrayList<>(List.of(Path.of("target", "classes").toAbsolutePath()));
      for (String entry :
          Files.readString(Path.of("target", "plugin-jars.txt"))
              .strip()
              .split(File.pathSeparator)) {
        entries.add(Path.of(entry));
      }
      for (Path entry : entries) {
        if (Files.isDirectory(entry)) {
          pack(entry, plugin.resolve(entry.getParent().getParent().getFileName() + ".jar"));
        } else if (!entry.getFileName().toString().startsWith("slf4j-api")) {
          Files.createSymbolicLink(plugin.resolve(entry.getFileName()), entry);
        }
      }
      return plugin.getParent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
  }

  /**
   * Creates a connector from a file of ours, with options that the test wants otherwise.
   *
   * @return the answer's status
   */
  int create(Path file, Map<String, String> options) throws Exception {
    ObjectNode connector = (ObjectNode) JSON.readTree(file.toFile());
    options.forEach((option, value) -> ((ObjectNode) connector.get("config")).put(option, value));
    if (options.containsKey("name")) {
      connector.put("name", options.get("name"));
    }
    return http.send(
            HttpRequest.newBuilder(URI.create(url + "/connectors"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(connector.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  /** What is wrong with a connector's options, by option. */
  Map<String, String> problems(Map<String, String> options) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(url + "/connector-plugins/DeltaSinkConnector/config/validate"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(options)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    Map<String, String> problems = new java.util.TreeMap<>();
    for (JsonNode config : JSON.readTree(response.body()).path("configs")) {
      JsonNode value = config.get("value");
      if (!value.get("errors").isEmpty()) {
        problems.put(value.get("name").asText(), value.get("errors").toString());
      }
    }
    return problems;
  }

  /** The connector and its tasks as they are now, for messages. */
  String status(String connector) {
    return answer("/connectors/" + connector + "/status");
  }

  private String answer(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(5)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  ChildProcess process() {
    return process;
  }

  @Override
  public void close() {
    process.kill();
  }
}

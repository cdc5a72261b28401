package dev.millrace.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.common.TransactionVersion;

/**
 * A single Kafka node, broker and controller in one, in this JVM or as a process.
 *
 * <p>It listens on 127.0.0.1 only. Its data directory is formatted at the first start and kept: a
 * later start continues with the same cluster id, topics and records. Delete the directory only
 * after {@link #close}, because Kafka ends the JVM when its files vanish.
 */
public final class LocalBroker implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final int NODE_ID = 1;
  private static final int SECONDS_TO_ANSWER = 30;
  private static final String USAGE = "usage: LocalBroker --port PORT --data DIRECTORY";

  // One node cannot replicate. Few partitions of the internal topics start faster. After a kill,
  // the node waits until its former self has timed out. The log cleaner's buffer is on the heap.
  private static final String CONFIG =
      """
      process.roles=broker,controller
      listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
      controller.listener.names=CONTROLLER
      auto.create.topics.enable=false
      group.initial.rebalance.delay.ms=0
      broker.heartbeat.interval.ms=500
      broker.session.timeout.ms=3000
      offsets.topic.replication.factor=1
      offsets.topic.num.partitions=4
      transaction.state.log.replication.factor=1
      transaction.state.log.min.isr=1
      transaction.state.log.num.partitions=4
      share.coordinator.state.topic.replication.factor=1
      share.coordinator.state.topic.min.isr=1
      share.coordinator.state.topic.num.partitions=1
      log.cleaner.dedupe.buffer.size=16777216
      """;

  private final KafkaRaftServer server;
  private final DirectoryLock lock;
  private final String bootstrapServers;
  private final String clusterId;

  private LocalBroker(
      KafkaRaftServer server, DirectoryLock lock, String bootstrapServers, String clusterId) {
    this.server = server;
    this.lock = lock;
    this.bootstrapServers = bootstrapServers;
    this.clusterId = clusterId;
  }

  public static LocalBroker start(Path dataDir) {
    return start(dataDir, Ports.free());
  }

  /** Returns when clients can work with the broker. */
  public static LocalBroker start(Path dataDir, int port) {
    // Asked before Kafka is, which finds out late: a second node on a directory writes into the
    // metadata of the first.
    Ports.requireFree(port);
    DirectoryLock lock = DirectoryLock.of(dataDir);
    Path logDir = dataDir.toAbsolutePath().resolve("kafka");
    String bootstrapServers = HOST + ":" + port;
    KafkaRaftServer server = null;
    try {
      String clusterId = formatted(logDir);
      server = new KafkaRaftServer(config(logDir, port, Ports.free()), Time.SYSTEM);
      server.startup();
      requireOurs(bootstrapServers, clusterId);
      return new LocalBroker(server, lock, bootstrapServers, clusterId);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (server != null) {
        server.shutdown();
      }
      lock.close();
      throw new IllegalStateException(
          "Cannot start Kafka on %s with the data in %s: %s; if the data was written by a newer Kafka or is damaged, choose another directory"
              .formatted(bootstrapServers, logDir, e.getMessage()),
          e);
    }
  }

  /** Formats an empty directory; of a formatted one, only says whose it is. */
  private static String formatted(Path logDir) throws Exception {
    Optional<String> known = clusterIdIn(logDir);
    if (known.isPresent()) {
      return known.get();
    }
    Files.createDirectories(logDir);
    Formatter formatter =
        new Formatter()
            .setPrintStream(
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))
            .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
            .setNodeId(NODE_ID)
            .setClusterId(Uuid.randomUuid().toString())
            .setControllerListenerName("CONTROLLER")
            .setMetadataLogDirectory(logDir.toString())
            .addDirectory(logDir.toString())
            .setReleaseVersion(MetadataVersion.latestProduction())
            .setFeatureLevel(
                TransactionVersion.FEATURE_NAME,
                TransactionVersion.LATEST_PRODUCTION.featureLevel());
    formatter.run();
    return formatter.clusterId();
  }

  private static Optional<String> clusterIdIn(Path logDir) throws IOException {
    Path metaProperties = logDir.resolve("meta.properties");
    if (!Files.exists(metaProperties)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(metaProperties)) {
      properties.load(reader);
    }
    return Optional.ofNullable(properties.getProperty("cluster.id"));
  }

  private static KafkaConfig config(Path logDir, int port, int controllerPort) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(CONFIG));
    properties.put("node.id", NODE_ID);
    properties.put(
        "listeners",
        "PLAINTEXT://%s:%d,CONTROLLER://%s:%d".formatted(HOST, port, HOST, controllerPort));
    properties.put("controller.quorum.voters", "%d@%s:%d".formatted(NODE_ID, HOST, controllerPort));
    properties.put("log.dirs", logDir.toString());
    return new KafkaConfig(properties, false);
  }

  /** A listener on the port proves little: it may be somebody else's. */
  static void requireOurs(String bootstrapServers, String clusterId)
      throws ExecutionException, InterruptedException, TimeoutException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      String answering =
          admin.describeCluster().clusterId().get(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
      if (!clusterId.equals(answering)) {
        throw new IllegalStateException(
            "the Kafka answering on %s is cluster %s and not ours, %s"
                .formatted(bootstrapServers, answering, clusterId));
      }
    }
  }

  public String bootstrapServers() {
    return bootstrapServers;
  }

  public String clusterId() {
    return clusterId;
  }

  /** Stops the node; the data stays. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    lock.close();
  }

  /** Runs a broker until SIGTERM or SIGINT and then ends with 0; bad arguments end with 2. */
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    Arguments arguments;
    try {
      arguments = Arguments.parse(List.of(args));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    // Kafka's own exits, after fatal faults, must keep their status and pass by the hook below.
    Exit.setExitProcedure((status, message) -> Runtime.getRuntime().halt(status));
    LocalBroker broker = start(arguments.dataDir(), arguments.port());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker), "stop"));
    System.out.printf(
        "Kafka is ready at %s, cluster %s%n", broker.bootstrapServers(), broker.clusterId());
    broker.server.awaitShutdown();
  }

  private static void stop(LocalBroker broker) {
    broker.close();
    // A JVM stopped by a signal ends with 128 + n, even if all went well.
    Runtime.getRuntime().halt(0);
  }

  record Arguments(int port, Path dataDir) {

    static Arguments parse(List<String> args) {
      if (args.size() != 4 || !args.get(0).equals("--port") || !args.get(2).equals("--data")) {
        throw new IllegalArgumentException(USAGE + ", not: " + String.join(" ", args));
      }
      return new Arguments(port(args.get(1)), Path.of(args.get(3)));
    }

    private static int port(String text) {
      int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("--port " + text + " is not a port number; " + USAGE);
      }
      return port;
    }
  }
}

package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBrokerIT {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path dir;

  @Test
  void aReaderOfCommittedRecordsSeesOnlyThose() throws Exception {
    try (LocalBroker broker = LocalBroker.start(dir)) {
      createTopic(broker.bootstrapServers(), "orders");

      send(broker.bootstrapServers(), "orders", "aborted", false);
      send(broker.bootstrapServers(), "orders", "committed", true);

      assertThat(read(broker.bootstrapServers(), "orders", 1)).containsExactly("committed");
    }
  }

  @Test
  void transactionsRunInTheirLatestVersion() throws Exception {
    try (LocalBroker broker = LocalBroker.start(dir);
        Admin admin = admin(broker.bootstrapServers())) {
      var features = admin.describeFeatures().featureMetadata().get(20, TimeUnit.SECONDS);

      assertThat(features.finalizedFeatures().get("transaction.version").maxVersionLevel())
          .isEqualTo((short) 2);
    }
  }

  @Test
  void aRestartOnTheSameDirectoryKeepsClusterTopicsAndRecords() throws Exception {
    String clusterId;
    try (LocalBroker broker = LocalBroker.start(dir)) {
      clusterId = broker.clusterId();
      createTopic(broker.bootstrapServers(), "kept");
      send(broker.bootstrapServers(), "kept", "before", true);
    }

    try (LocalBroker restarted = LocalBroker.start(dir)) {
      send(restarted.bootstrapServers(), "kept", "after", true);

      assertThat(restarted.clusterId()).isEqualTo(clusterId);
      assertThat(read(restarted.bootstrapServers(), "kept", 2)).containsExactly("before", "after");
    }
  }

  @Test
  void twoBrokersInOneJvmKnowNothingOfEachOther() throws Exception {
    try (LocalBroker one = LocalBroker.start(dir.resolve("one"));
        LocalBroker two = LocalBroker.start(dir.resolve("two"))) {
      createTopic(one.bootstrapServers(), "same");
      createTopic(two.bootstrapServers(), "same");
      send(one.bootstrapServers(), "same", "of one", true);
      send(two.bootstrapServers(), "same", "of two", true);

      assertThat(one.clusterId()).isNotEqualTo(two.clusterId());
      assertThat(read(one.bootstrapServers(), "same", 1)).containsExactly("of one");
      assertThat(read(two.bootstrapServers(), "same", 1)).containsExactly("of two");
    }
  }

  @Test
  void aClusterThatIsNotOursIsRefused() {
    try (LocalBroker broker = LocalBroker.start(dir)) {
      assertThatThrownBy(() -> LocalBroker.requireOurs(broker.bootstrapServers(), "ours"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(broker.clusterId())
          .hasMessageContaining("not ours");
    }
  }

  @Test
  void aPortInUseIsReported() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> LocalBroker.start(dir, port))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Port " + port + " of 127.0.0.1 is in use");
    }
  }

  @Test
  void aDirectoryInUseIsRefusedAndItsUserNotDisturbed() throws Exception {
    try (LocalBroker broker = LocalBroker.start(dir)) {
      // First in this JVM, then elsewhere: the first attempt must not loosen the lock.
      assertThatThrownBy(() -> LocalBroker.start(dir))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(dir + " is in use");
      ChildProcess elsewhere =
          process("--port", Integer.toString(Ports.free()), "--data", dir.toString());
      assertThat(elsewhere.onExit().get(20, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(elsewhere.logTail(100)).contains(dir + " is in use");

      createTopic(broker.bootstrapServers(), "undisturbed");
    }
  }

  @Test
  void aDirectoryThatKafkaCannotReadIsReported() throws IOException {
    Path metaProperties = Files.createDirectory(dir.resolve("kafka")).resolve("meta.properties");
    Files.writeString(metaProperties, "version=1\ncluster.id=not-a-cluster\nnode.id=7\n");

    assertThatThrownBy(() -> LocalBroker.start(dir))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Cannot start Kafka on 127.0.0.1:")
        .hasMessageContaining("choose another directory");
    DirectoryLock.of(dir).close();
  }

  @Test
  void asAProcessItSaysWhenItIsReadyAndSigtermEndsItWithZero() {
    ChildProcess process = readyProcess(Ports.free());

    assertThat(process.terminate(PATIENCE)).isZero();
  }

  @Test
  void asAProcessItContinuesAfterAKillWithItsTopicsAndRecords() throws Exception {
    int port = Ports.free();
    String servers = "127.0.0.1:" + port;
    ChildProcess killed = readyProcess(port);
    createTopic(servers, "kept");
    send(servers, "kept", "before", true);

    killed.kill();

    try (ChildProcess restarted = readyProcess(port)) {
      send(servers, "kept", "after", true);
      assertThat(read(servers, "kept", 2)).containsExactly("before", "after");
      assertThat(restarted.isAlive()).isTrue();
    }
  }

  @Test
  void asAProcessItRefusesArgumentsItDoesNotKnow() throws Exception {
    ChildProcess process = process("--port", "nonsense", "--data", dir.toString());

    assertThat(process.onExit().get(20, TimeUnit.SECONDS)).isEqualTo(2);
    assertThat(process.logTail(100))
        .isEqualTo(
            "--port nonsense is not a port number; usage: LocalBroker --port PORT --data DIRECTORY");
  }

  @Test
  void argumentsAreAPortAndADirectory() {
    assertThat(LocalBroker.Arguments.parse(List.of("--port", "9092", "--data", "d")))
        .isEqualTo(new LocalBroker.Arguments(9092, Path.of("d")));
    assertThatThrownBy(() -> LocalBroker.Arguments.parse(List.of("--port", "9092")))
        .hasMessageContaining("usage:");
    assertThatThrownBy(() -> LocalBroker.Arguments.parse(List.of("--port", "65536", "--data", "d")))
        .hasMessageContaining("65536 is not a port number");
  }

  private ChildProcess readyProcess(int port) {
    ChildProcess process = process("--port", Integer.toString(port), "--data", dir.toString());
    process.awaitReady(
        PATIENCE, () -> process.logTail(100).contains("Kafka is ready at 127.0.0.1:" + port));
    return process;
  }

  private ChildProcess process(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                LocalBroker.class.getName()));
    command.addAll(List.of(arguments));
    return ChildProcess.start("Kafka", dir.resolve("kafka.log"), ChildProcess.java(command));
  }

  private static Admin admin(String servers) {
    return Admin.create(Map.of("bootstrap.servers", servers));
  }

  private static void createTopic(String servers, String name) throws Exception {
    try (Admin admin = admin(servers)) {
      admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get(20, TimeUnit.SECONDS);
    }
  }

  private static void send(String servers, String topic, String value, boolean commit)
      throws Exception {
    Map<String, Object> config =
        Map.of("bootstrap.servers", servers, "transactional.id", "sender-of-" + topic);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, value)).get(20, TimeUnit.SECONDS);
      if (commit) {
        producer.commitTransaction();
      } else {
        producer.abortTransaction();
      }
    }
  }

  private static List<String> read(String servers, String topic, int atLeast) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            servers,
            "group.id",
            "readers-of-" + topic,
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      List<String> values = new ArrayList<>();
      long start = System.nanoTime();
      while (values.size() < atLeast && System.nanoTime() - start < PATIENCE.toNanos()) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          values.add(record.value());
        }
      }
      return values;
    }
  }
}

package dev.millrace.streams;

import dev.millrace.core.Activation;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.LocalBroker;
import dev.millrace.servers.LocalRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What a service needs around it: a real broker with all topics, a real registry and an artifact
 * store. One for all tests of a module; it ends with the JVM.
 */
public final class Surroundings {

  private static final int PARTITIONS = 2;
  private static Surroundings shared;

  private final LocalBroker broker;
  private final LocalRegistry registryServer;
  private final SchemaRegistry registry;
  private final ArtifactStore artifacts;
  private final Path folder;
  private final Admin admin;
  private final KafkaProducer<String, byte[]> producer;

  public static synchronized Surroundings shared() {
    if (shared == null) {
      shared = new Surroundings();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  private Surroundings() {
    try {
      folder = Files.createTempDirectory("surroundings");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    broker = LocalBroker.start(folder.resolve("kafka"));
    registryServer = LocalRegistry.start(folder.resolve("registry"));
    registry = new SchemaRegistry(registryServer.url(), Duration.ofSeconds(30));
    artifacts = new ArtifactStore(folder.resolve("artifacts"));
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
            new StringSerializer(),
            new ByteArraySerializer());
    createTopics(Topics.ALL);
  }

  private void createTopics(List<Topics.Topic> topics) {
    List<NewTopic> fresh =
        topics.stream()
            .map(
                topic ->
                    new NewTopic(topic.name(), topic.singlePartition() ? 1 : PARTITIONS, (short) 1)
                        .configs(topic.config()))
            .toList();
    await(() -> admin.createTopics(fresh).all().get());
  }

  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  public String registryUrl() {
    return registryServer.url();
  }

  public SchemaRegistry registry() {
    return registry;
  }

  public ArtifactStore artifacts() {
    return artifacts;
  }

  public Admin admin() {
    return admin;
  }

  public TopicIds topicIds() {
    return TopicIds.require(admin, Topics.ALL, Duration.ofSeconds(30));
  }

  /** Arguments for a service's main method; what is given wins. */
  public String[] arguments(String... more) {
    Map<String, String> arguments =
        new TreeMap<>(
            Map.of(
                "--server.port", "0",
                "--millrace.bootstrap-servers", bootstrapServers(),
                "--millrace.registry-url", registryUrl(),
                "--millrace.artifact-store", folder.resolve("artifacts").toString(),
                "--millrace.instance-id", "test",
                "--millrace.state-dir", folder.resolve("state").toString(),
                "--logging.level.root", "WARN"));
    for (String argument : more) {
      String[] keyAndValue = argument.split("=", 2);
      arguments.put(keyAndValue[0], keyAndValue[1]);
    }
    return arguments.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toArray(String[]::new);
  }

  /** Activates a source mapping; its offset on the log. */
  public long activateSource(String yaml) {
    SourceMapping mapping = SourceMapping.compile("test", yaml);
    return activate(
        new Activation(
            Activation.SOURCE,
            mapping.name(),
            mapping.version(),
            artifacts.put(mapping.canonical())));
  }

  /** Activates one of the mappings that come with Millrace. */
  public long activateBundledSource(String name) {
    try {
      return activateSource(Files.readString(Path.of("..", "schemas", "sources", name + ".yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Activates a contract; its offset on the log. */
  public long activateContract(String yaml) {
    ContractDeclaration declaration = ContractDeclaration.compile("test", yaml);
    return activate(
        new Activation(
            Activation.CONTRACT,
            declaration.contract().name(),
            declaration.contract().version(),
            artifacts.put(declaration.canonical())));
  }

  /** Activates the contract that comes with Millrace. */
  public long activateBundledContract() {
    try {
      return activateContract(
          Files.readString(Path.of("..", "schemas", "contracts", "user-activity.yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Activates a feature set; its offset on the log. Its topic is created if it is not there. */
  public long activateFeatureSet(String yaml) {
    FeatureSetDeclaration declaration = FeatureSetDeclaration.compile("test", yaml);
    FeatureSet set = declaration.set();
    Topics.Topic topic = Topics.features(set.name(), set.version());
    if (!await(() -> admin.listTopics().names().get()).contains(topic.name())) {
      createTopics(List.of(topic));
    }
    return activate(
        new Activation(
            Activation.FEATURE_SET,
            set.name(),
            set.version(),
            artifacts.put(declaration.canonical())));
  }

  /** Activates the feature set that the bundled model was made for. */
  public long activateBundledFeatureSet() {
    return activateFeatureSet(bundledFeatureSet());
  }

  /**
   * As the bundled model brings it, in JSON. The file of the shipped set may have a later version
   * by now, and a newcomer's feature in it.
   */
  public static String bundledFeatureSet() {
    try {
      return Files.readString(
          Path.of("..", "schemas", "models", "activity-bootstrap", "feature_set.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Activates the files of a directory as a model. */
  public long activateModel(String name, int version, Path directory) {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> found = Files.list(directory)) {
      for (Path file : found.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return activate(new Activation(Activation.MODEL, name, version, artifacts.putFiles(files)));
  }

  public long activate(Activation activation) {
    ActivationMessage message =
        Messages.activation(
            activation, artifacts.uri(activation.sha256()), "test", "test", Instant.EPOCH);
    return send(Topics.ACTIVATIONS, activation.key(), codec(Topics.ACTIVATIONS).encode(message))
        .offset();
  }

  public <T extends SpecificRecord> MessageCodec<T> codec(Topics.Topic topic) {
    return MessageCodec.registered(registry, topic);
  }

  public RecordMetadata send(Topics.Topic topic, String key, byte[] value) {
    return send(new ProducerRecord<>(topic.name(), key, value));
  }

  public RecordMetadata send(ProducerRecord<String, byte[]> record) {
    return await(() -> producer.send(record).get());
  }

  /** Committed records of the topic from its beginning. */
  public List<ConsumerRecord<String, byte[]>> read(Topics.Topic topic) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(topic.name(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records;
    }
  }

  /** The messages on the topic, oldest first within a partition. */
  public <T extends SpecificRecord> List<T> messages(Topics.Topic topic) {
    MessageCodec<T> codec = codec(topic);
    return read(topic).stream().map(record -> codec.decode(record.value()).message()).toList();
  }

  private void close() {
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
    registryServer.close();
    broker.close();
  }

  private interface Call<T> {
    T get() throws ExecutionException, InterruptedException;
  }

  private static <T> T await(Call<T> call) {
    try {
      return call.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

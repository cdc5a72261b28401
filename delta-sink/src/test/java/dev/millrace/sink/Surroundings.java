package dev.millrace.sink;

import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.servers.LocalBroker;
import dev.millrace.servers.LocalRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real broker and a real registry, one of each for all tests; they end with the JVM. */
final class Surroundings {

  private static Surroundings shared;

  private final LocalBroker broker;
  private final LocalRegistry registryServer;
  private final SchemaRegistry registry;
  private final Admin admin;

  static synchronized Surroundings shared() {
    if (shared == null) {
      shared = new Surroundings();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  private Surroundings() {
    Path folder;
    try {
      folder = Files.createTempDirectory("surroundings");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    broker = LocalBroker.start(folder.resolve("kafka"));
    registryServer = LocalRegistry.start(folder.resolve("registry"));
    registry = new SchemaRegistry(registryServer.url(), Duration.ofSeconds(30));
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  String registryUrl() {
    return registryServer.url();
  }

  Admin admin() {
    return admin;
  }

  void createTopic(String name, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
  }

  /** Of a connector that lands test events. */
  Map<String, String> config(Path lake) {
    return new java.util.HashMap<>(
        Map.of(
            SinkConfig.LAKE_URI, lake.toUri().toString(),
            SinkConfig.REGISTRY_URL, registryUrl(),
            SinkConfig.BOOTSTRAP_SERVERS, bootstrapServers(),
            SinkConfig.DATE_FIELD, "at",
            SinkConfig.DATE_COLUMN, "event_date",
            SinkConfig.FLUSH_INTERVAL, "200",
            SinkConfig.ISOLATION, "read_committed"));
  }

  /** A record in Confluent's framing, its schema registered for the topic. */
  byte[] framed(String topic, GenericRecord record) {
    int id = registry.register(topic + "-value", record.getSchema());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    try {
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  KafkaProducer<byte[], byte[]> producer(String transactionalId) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers(), "transactional.id", transactionalId),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  /** Events of the ids, in one committed transaction, spread over the partitions. */
  void send(String topic, int partitions, int from, int to) {
    try (KafkaProducer<byte[], byte[]> producer = producer("test-" + topic)) {
      producer.beginTransaction();
      for (int id = from; id < to; id++) {
        byte[] value = framed(topic, TestRecords.event("e-" + id, id % 3 * TestRecords.DAY));
        byte[] key = ("user-" + id).getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(topic, id % partitions, key, value));
      }
      producer.commitTransaction();
    }
  }

  /** One value as it is, committed. */
  void sendRaw(String topic, byte[] value) {
    try (KafkaProducer<byte[], byte[]> producer = producer("raw-" + topic)) {
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, 0, null, value));
      producer.commitTransaction();
    }
  }

  private void close() {
    admin.close(Duration.ZERO);
    registryServer.close();
    broker.close();
  }
}

package dev.millrace.features;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Gives Kafka Streams its clients, and tells under which ids the group knows the consumers. Nothing
 * else does: of a static member that came again the coordinator keeps the client id of the process
 * before, and the instance id is the same for a process and the one that took its place.
 */
final class GroupConsumers implements KafkaClientSupplier {

  private final Set<Watched> open = ConcurrentHashMap.newKeySet();

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return getRestoreConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    Watched consumer = new Watched(config);
    open.add(consumer);
    return consumer;
  }

  /** Member ids of all consumers; an empty one for each that is in no group now. */
  Set<String> memberIds() {
    return open.stream().map(consumer -> consumer.memberId).collect(Collectors.toSet());
  }

  /** Tells its member id to other threads, as of its last poll. */
  private final class Watched extends KafkaConsumer<byte[], byte[]> {

    private volatile String memberId = "";

    Watched(Map<String, Object> config) {
      super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
      memberId = groupMetadata().memberId();
      return records;
    }

    @Override
    public void close(CloseOptions options) {
      open.remove(this);
      super.close(options);
    }
  }
}

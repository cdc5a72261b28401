package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schemas.Topics;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * All that a running stack has written, byte by byte: every record of every topic there is, aborted
 * ones too; every file below its folder, with the broker's segments, what Redis holds, the
 * registry's database, artifacts, state and what every process said; and the metrics. The landing
 * folder is left out, where files lie as they were sent, and the table of raw events, which keeps
 * them. The other tables are compressed: what is in them is in their topics' records, too.
 */
final class Written {

  /** Where what came in is kept as it came; beside the landing folder, the only places. */
  static final Set<String> ORIGINALS = Set.of(Topics.INBOUND.name(), Topics.RAW.name());

  /** What no table takes lies there as it came, a record of raw events too. */
  static final String DEAD_LETTERS = "dead-letters.delta-sink";

  private static final String RAW_TABLE = Topics.table(Topics.RAW.name());

  /** Of the commands that tests run in this JVM. */
  private static final Path OWN_LOG = Path.of("target", "millrace", "logs", "millrace.log");

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  // Where these stand in a record batch: base offset, length, leader epoch, magic, checksum.
  private static final int BATCH_LENGTH = 8;
  private static final int BATCH_START = 12;
  private static final int BATCH_ATTRIBUTES = 21;

  private final Stack stack;

  Written(Stack stack) {
    this.stack = stack;
  }

  /**
   * Tells everything, by place and content: {@code records of TOPIC}, {@code segments of TOPIC},
   * and of the other files the folder that they are in.
   */
  void forEach(BiConsumer<String, byte[]> action) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      for (String topic : topics()) {
        action.accept("records of " + topic, records(topic, consumer));
      }
    }
    dumpRedis();
    for (Path file : files()) {
      action.accept(place(file), read(file));
      action.accept(place(file), file.toString().getBytes(UTF_8));
    }
    action.accept("log " + OWN_LOG.getFileName(), read(OWN_LOG));
    for (Service service : Service.values()) {
      action.accept("metrics", get(stack.url(service) + "/actuator/prometheus").getBytes(UTF_8));
    }
  }

  private static byte[] read(Path file) {
    try {
      return withoutZerosAtTheEnd(Files.readAllBytes(file));
    } catch (NoSuchFileException gone) {
      // Such as a temporary one; what was in it has another place by now.
      return new byte[0];
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + file, e);
    }
  }

  /** Kafka makes its indexes larger than they are, a gigabyte of zeros in all. */
  private static byte[] withoutZerosAtTheEnd(byte[] bytes) {
    int length = bytes.length;
    while (length > 0 && bytes[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(bytes, length);
  }

  /** Topics with a batch whose bytes are not what was sent. */
  Set<String> compressedTopics() {
    Set<String> compressed = new TreeSet<>();
    for (Path file : files()) {
      if (place(file).startsWith("segments of ")
          && file.toString().endsWith(".log")
          && hasCompressedBatch(ByteBuffer.wrap(read(file)))) {
        compressed.add(place(file));
      }
    }
    return compressed;
  }

  /** Kafka's record batches, of which three bits tell how they are compressed. */
  private static boolean hasCompressedBatch(ByteBuffer segment) {
    while (segment.remaining() > BATCH_ATTRIBUTES) {
      int batch = segment.position();
      if ((segment.getShort(batch + BATCH_ATTRIBUTES) & 7) != 0) {
        return true;
      }
      int next = batch + BATCH_START + segment.getInt(batch + BATCH_LENGTH);
      // The last one may have ended in zeros.
      segment.position(Math.min(next, segment.limit()));
    }
    return false;
  }

  /** Every topic of the broker, its own ones too. */
  Set<String> topics() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      return admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", stack.bootstrapServers(), "isolation.level", "read_uncommitted"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** Keys, values and headers. */
  private static byte[] records(String topic, KafkaConsumer<byte[], byte[]> consumer) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        append(record.key(), content);
        append(record.value(), content);
        for (Header header : record.headers()) {
          append(header.key().getBytes(UTF_8), content);
          append(header.value(), content);
        }
      }
    }
    return content.toByteArray();
  }

  private static void append(byte @Nullable [] bytes, ByteArrayOutputStream content) {
    if (bytes != null) {
      content.writeBytes(bytes);
    }
  }

  /** Lets Redis write all it holds into a file, as commands in plain text. */
  private void dumpRedis() {
    Path dump = stack.home().work().resolve(Members.REDIS).resolve("appendonly.aof");
    redis("CONFIG SET aof-use-rdb-preamble no");
    redis("BGREWRITEAOF");
    Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(dump));
  }

  private void redis(String command) {
    URI redis = URI.create(stack.description().redisUri());
    try (Socket socket = new Socket(redis.getHost(), redis.getPort())) {
      socket.getOutputStream().write((command + "\r\n").getBytes(UTF_8));
      String answer =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
      if (answer == null || !answer.startsWith("+")) {
        throw new IllegalStateException("Redis answers %s to %s".formatted(answer, command));
      }
    } catch (IOException e) {
      throw new IllegalStateException("Redis does not answer", e);
    }
  }

  private List<Path> files() {
    Path work = stack.home().work();
    try (Stream<Path> all = Files.walk(work)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !work.relativize(file).startsWith("landing"))
          .filter(file -> !work.relativize(file).startsWith(Path.of("lake", RAW_TABLE)))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException("Cannot list " + work, e);
    }
  }

  private String place(Path file) {
    Path path = stack.home().work().relativize(file);
    String topic = path.getParent() == null ? "" : path.getParent().getFileName().toString();
    if (path.startsWith(Path.of(Members.KAFKA, "kafka")) && path.getNameCount() > 3) {
      return "segments of " + topic.replaceFirst("-\\d+$", "");
    }
    return path.startsWith("logs") ? "log " + path.getFileName() : path.getName(0).toString();
  }

  private static String get(String url) {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new IllegalStateException("No answer from " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

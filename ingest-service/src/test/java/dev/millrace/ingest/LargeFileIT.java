package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import dev.millrace.streams.Surroundings;
import java.io.BufferedOutputStream;
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
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file larger than memory, and a process that is killed over it. 100 MB inflated; {@code
 * -Dmillrace.large-file-mb=1000} makes it more. A third of that from Azure.
 */
class LargeFileIT {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long INFLATED =
      1_000_000L * Integer.getInteger("millrace.large-file-mb", 100);

  @TempDir private static Path folder;
  private static Surroundings surroundings;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("clickstream");
  }

  /** A service in a process of its own, with little memory. */
  private static ChildProcess run(int port, String... more) {
    String[] common = {
      "--server.port=" + port,
      "--logging.level.dev.millrace.ingest=INFO",
      "--millrace.state-dir=" + folder.resolve("state")
    };
    String[] arguments =
        surroundings.arguments(
            Stream.of(common, more).flatMap(Arrays::stream).toArray(String[]::new));
    List<String> command =
        ChildProcess.java(
            Stream.concat(
                    Stream.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IngestApplication.class.getName()),
                    Stream.of(arguments))
                .toList());
    ChildProcess service = ChildProcess.start("ingest", folder.resolve("ingest.log"), command);
    service.awaitReady(PATIENCE, () -> isReady(port));
    return service;
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static boolean isReady(int port) {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri(port, "/actuator/health/liveness")).build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode status(int port, String sha256) {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri(port, "/v1/files/" + sha256)).build();
      return JSON.readTree(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The number of its lines; every tenth record has two. */
  private static int write(Path file, int seed, long size) throws IOException {
    Random random = new Random(seed);
    int lines = 0;
    long bytes = 0;
    try (OutputStream out =
        new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(file)), 65_536)) {
      while (bytes < size) {
        boolean two = lines % 10 == 0;
        String noise = Long.toHexString(random.nextLong()).repeat(12);
        String text =
            "u-"
                + random.nextInt(5_000)
                + ",2026-01-01T12:00:00Z,view,p-"
                + random.nextInt(1_000)
                + ",\""
                + (two ? "two\n" : "")
                + noise
                + "\","
                + random.nextInt(100)
                + ".5,3.0,2,1,"
                + random.nextInt(600)
                + "\n";
        byte[] record = text.getBytes(UTF_8);
        out.write(record);
        bytes += record.length;
        lines += two ? 2 : 1;
      }
    }
    return lines;
  }

  private static String upload(int port, Path file) throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(uri(port, "/v1/files?source=clickstream&name=large.csv.gz"))
                .header("Content-Type", ContentType.CSV)
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofFile(file))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return JSON.readTree(answer.body()).path("sha256").asText();
  }

  private static JsonNode await(
      ChildProcess service, int port, String sha256, Predicate<JsonNode> wanted) {
    service.awaitReady(PATIENCE, () -> wanted.test(status(port, sha256)));
    return status(port, sha256);
  }

  /** Lines on which committed records of the file begin; none twice. */
  private static BitSet linesOf(String sha256) {
    BitSet lines = new BitSet();
    MessageCodec<RawEventMessage> codec = surroundings.codec(Topics.RAW);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", surroundings.bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record -> {
                  RawEventMessage raw = codec.decode(record.value()).message();
                  if (raw != null && sha256.equals(raw.getFileSha256())) {
                    int line = raw.getFileLine().intValue();
                    assertThat(lines.get(line)).as("line %d twice", line).isFalse();
                    lines.set(line);
                  }
                });
      }
    }
    return lines;
  }

  private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.partitionsFor(Topics.RAW.name()).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /** Other tests of this module read the whole topic into memory. */
  private static void empty() throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", surroundings.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      surroundings
          .admin()
          .deleteRecords(
              consumer.endOffsets(partitions(consumer)).entrySet().stream()
                  .collect(
                      Collectors.toMap(
                          Map.Entry::getKey, end -> RecordsToDelete.beforeOffset(end.getValue()))))
          .all()
          .get();
    }
  }

  @Test
  void isTakenWithLittleMemoryAndEveryRecordOnceThoughTheProcessIsKilledOverIt() throws Exception {
    requireTakenOnceThoughKilled(
        7, INFLATED, "--millrace.ingest.landing=" + folder.resolve("landing"));
  }

  @Test
  void isTakenSoFromAzureToo() throws Exception {
    Azurite azurite = Azurite.shared();
    azurite.container("large").create();
    Path log =
        requireTakenOnceThoughKilled(
            8,
            INFLATED / 3,
            Stream.concat(
                    Stream.of("--millrace.ingest.landing=" + Azurite.place("large", "landing")),
                    Stream.of(azurite.arguments()))
                .toArray(String[]::new));

    assertThat(Files.readString(log)).doesNotContain(azurite.key());
    assertThat(
            azurite.container("large").listBlobs().stream()
                .filter(blob -> blob.getName().endsWith("large.csv.gz"))
                .map(
                    blob ->
                        azurite
                            .container("large")
                            .getBlobClient(blob.getName())
                            .getProperties()
                            .getMetadata()
                            .get(AzureLanding.STATE)))
        .containsExactly("done");
  }

  /** The log of the service. */
  private static Path requireTakenOnceThoughKilled(int seed, long size, String... landing)
      throws Exception {
    Path file = folder.resolve("large.csv.gz");
    int lines = write(file, seed, size);
    int port = Ports.free();
    String sha256;
    long taken;
    try (ChildProcess first = run(port, landing)) {
      sha256 = upload(port, file);
      taken =
          await(first, port, sha256, status -> status.path("percent").asInt() >= 50)
              .path("lines")
              .asLong();
      first.kill();
    }
    assertThat(taken).isBetween(1L, (long) lines - 1);

    try (ChildProcess second = run(port, landing)) {
      JsonNode done =
          await(second, port, sha256, status -> status.path("state").asText().equals("done"));

      assertThat(done.path("lines").asInt()).isEqualTo(lines);
      assertThat(linesOf(sha256).cardinality()).isEqualTo(done.path("records").asInt());
      assertThat(Files.readString(second.log())).contains("goes on behind line");
      return second.log();
    } finally {
      empty();
    }
  }
}

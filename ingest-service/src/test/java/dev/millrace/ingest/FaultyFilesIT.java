package dev.millrace.ingest;

import static dev.millrace.ingest.Http.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.CanonicalHash;
import dev.millrace.streams.Surroundings;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** What becomes of a file when something goes wrong while its records are taken. */
class FaultyFilesIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** So many that there are several transactions of them. */
  private static final int RECORDS = 60_000;

  private static final int PLACE_OF_FAULT = 4_500_000;

  @TempDir private static Path folder;
  private static FaultyLanding landing;
  private static ConfigurableApplicationContext service;
  private static Http http;
  private static RawTopic rawTopic;

  @BeforeAll
  static void start() {
    Surroundings surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    landing = new FaultyLanding(LocalLanding.open(folder));
    service =
        new SpringApplicationBuilder(IngestApplication.class)
            .initializers(
                context ->
                    ((GenericApplicationContext) context)
                        .registerBean(
                            "faultyLanding",
                            Landing.class,
                            () -> landing,
                            definition -> definition.setPrimary(true)))
            .run(
                surroundings.arguments(
                    "--millrace.ingest.landing=" + folder,
                    "--millrace.ingest.scan-every=100ms",
                    "--spring.cloud.stream.bindings.ingest-in-0.consumer.auto-startup=false"));
    http = new Http(service);
    rawTopic = new RawTopic(surroundings);
  }

  @AfterAll
  static void stop() {
    rawTopic.close();
    service.close();
  }

  @BeforeEach
  void mend() {
    landing.fault = null;
  }

  private static byte[] file(String user, int records) {
    return IntStream.range(0, records)
        .mapToObj(
            i ->
                """
                {"user_id": "%s", "event_id": "e-%06d", "event_time": "2026-01-01T11:59:00Z", "event_type": "view"}"""
                    .formatted(user, i))
        .collect(Collectors.joining("\n"))
        .getBytes(UTF_8);
  }

  private static JsonNode upload(byte[] file, String state) {
    int status = http.post("/v1/files", EventsController.NDJSON, file).statusCode();
    assertThat(status).isEqualTo(202);
    return await()
        .atMost(PATIENCE)
        .until(
            () -> json(http.get("/v1/files/" + CanonicalHash.sha256Hex(file))),
            answer -> answer.path("state").asText().equals(state));
  }

  private static List<Long> linesOf(byte[] file) {
    String sha256 = CanonicalHash.sha256Hex(file);
    return rawTopic.all().stream()
        .filter(raw -> sha256.equals(raw.message().getFileSha256()))
        .map(raw -> raw.message().getFileLine())
        .sorted()
        .toList();
  }

  private static double failed() {
    return http.get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("millrace_files_failed_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void aFaultOfOursInTheMiddleIsTheFilesOutcomeAndItGoesOnThereWhenItIsHandedInAgain() {
    byte[] file = file("ann", RECORDS);
    byte[] next = file("bob", 10);
    double failedBefore = failed();
    landing.fault =
        () -> {
          throw new IllegalStateException("holds what a user sent");
        };

    JsonNode failed = upload(file, "failed");

    assertThat(failed.path("error").asText())
        .startsWith("It provoked a fault of Millrace, java.lang.IllegalStateException at ")
        .doesNotContain("what a user sent");
    int taken = failed.path("records").asInt();
    assertThat(taken).isBetween(1, RECORDS - 1);
    assertThat(linesOf(file)).isEqualTo(LongStream.rangeClosed(1, taken).boxed().toList());
    assertThat(failed()).isEqualTo(failedBefore + 1);
    mend();
    upload(next, "done");

    JsonNode done = upload(file, "done");

    assertThat(done.path("records").asInt()).isEqualTo(RECORDS);
    assertThat(done.has("error")).isFalse();
    assertThat(done.path("received_at")).isEqualTo(failed.path("received_at"));
    assertThat(linesOf(file)).isEqualTo(LongStream.rangeClosed(1, RECORDS).boxed().toList());
  }

  @Test
  void aFileThatIsDamagedMeanwhileFailsWithTheReason() {
    byte[] file = file("cat", RECORDS);
    landing.fault =
        () -> {
          throw new UnreadableFileException("It is damaged by now");
        };

    JsonNode failed = upload(file, "failed");

    assertThat(failed.path("error").asText()).isEqualTo("It is damaged by now");
    assertThat(linesOf(file)).hasSize(failed.path("records").asInt());
  }

  @Test
  void aFileThatCannotBeReadForAWhileWaitsAndIsTakenToItsEndThen() {
    byte[] file = file("dan", RECORDS);
    byte[] next = file("eve", 10);
    landing.fault =
        () -> {
          throw new IOException("The disk is away");
        };

    JsonNode taking = upload(file, "taking");
    await().atMost(PATIENCE).until(() -> landing.faults > 2);

    assertThat(taking.has("error")).isFalse();
    upload(next, "done");
    mend();
    await().atMost(PATIENCE).until(() -> linesOf(file).size() >= RECORDS);
    assertThat(linesOf(file)).isEqualTo(LongStream.rangeClosed(1, RECORDS).boxed().toList());
  }

  private interface Fault {
    void happen() throws IOException;
  }

  /** Opened for its hash, its format and to be read through, a file is sound; later it is not. */
  private static final class FaultyLanding implements Landing {

    private final LocalLanding landing;
    private volatile Fault fault;
    private volatile int faults;
    private final Map<Waiting, Integer> openings = new ConcurrentHashMap<>();

    FaultyLanding(LocalLanding landing) {
      this.landing = landing;
    }

    @Override
    public InputStream open(Waiting file, long position) throws IOException {
      InputStream in = landing.open(file, position);
      boolean taken = openings.merge(file, 1, Integer::sum) > 3;
      return new FilterInputStream(in) {
        private long at = position;

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          Fault now = fault;
          if (now != null && taken && at > PLACE_OF_FAULT) {
            faults++;
            now.happen();
          }
          int n = super.read(buffer, offset, Math.min(length, 65_536));
          at += Math.max(0, n);
          return n;
        }
      };
    }

    @Override
    public String id() {
      return landing.id();
    }

    @Override
    public List<Waiting> waiting() throws IOException {
      return landing.waiting();
    }

    @Override
    public boolean done(Waiting file) throws IOException {
      return landing.done(file);
    }

    @Override
    public boolean failed(Waiting file) throws IOException {
      return landing.failed(file);
    }

    @Override
    public Upload receive(String source, String name, InputStream body, long maxBytes)
        throws IOException {
      return landing.receive(source, name, body, maxBytes);
    }

    @Override
    public List<Waiting> uploaded(String sha256) throws IOException {
      return landing.uploaded(sha256);
    }

    @Override
    public boolean hasRoomFor(long bytes) throws IOException {
      return landing.hasRoomFor(bytes);
    }

    @Override
    public void clear(Instant now) throws IOException {
      landing.clear(now);
    }
  }
}

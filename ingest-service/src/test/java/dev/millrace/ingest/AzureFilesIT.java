package dev.millrace.ingest;

import static dev.millrace.ingest.Http.gzip;
import static dev.millrace.ingest.Http.json;
import static dev.millrace.ingest.Http.requireProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.CanonicalHash;
import dev.millrace.streams.Surroundings;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The service with a landing folder on abfss://. */
class AzureFilesIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FILES = "/v1/files";

  private static BlobContainerClient container;
  private static ConfigurableApplicationContext service;
  private static Http http;
  private static RawTopic rawTopic;

  @BeforeAll
  static void start() {
    Azurite azurite = Azurite.shared();
    Surroundings surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    container = azurite.container("files");
    String[] arguments = {
      "--millrace.ingest.landing=" + Azurite.place("files", "landing"),
      "--millrace.ingest.scan-every=100ms",
      "--spring.cloud.stream.bindings.ingest-in-0.consumer.auto-startup=false"
    };
    // Started before there is a container: the other doors don't wait for one.
    service =
        SpringApplication.run(
            IngestApplication.class,
            surroundings.arguments(
                Stream.of(arguments, azurite.arguments())
                    .flatMap(Arrays::stream)
                    .toArray(String[]::new)));
    http = new Http(service);
    rawTopic = new RawTopic(surroundings);
    requireProblem(http.post(FILES, EventsController.NDJSON, event("zoe", 1)), 507);
    requireProblem(http.get(FILES + "/" + "0".repeat(64)), 503);
    container.create();
  }

  @AfterAll
  static void stop() {
    if (service != null) { // Skipped, there is none.
      rawTopic.close();
      service.close();
    }
  }

  private static String event(String user, int id) {
    return """
        {"user_id": "%s", "event_id": "a-%d", "event_time": "2026-01-01T11:59:00Z", "event_type": "view"}"""
        .formatted(user, id);
  }

  private static byte[] events(String user, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> event(user, i))
        .collect(Collectors.joining("\n"))
        .getBytes(UTF_8);
  }

  private static void put(String path, byte[] content) {
    container.getBlobClient("landing/" + path).upload(BinaryData.fromBytes(content), true);
  }

  private static String state(String path) {
    return container
        .getBlobClient("landing/" + path)
        .getProperties()
        .getMetadata()
        .getOrDefault(AzureLanding.STATE, "none");
  }

  private static JsonNode awaitStatus(byte[] file, String state) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> json(http.get(FILES + "/" + CanonicalHash.sha256Hex(file))),
            status -> status.path("state").asText().equals(state));
  }

  private static List<Long> linesOf(byte[] file) {
    String sha256 = CanonicalHash.sha256Hex(file);
    return rawTopic.all().stream()
        .filter(raw -> sha256.equals(raw.message().getFileSha256()))
        .map(raw -> raw.message().getFileLine())
        .sorted()
        .toList();
  }

  @Test
  void aFilePutIntoTheFolderOfItsSourceIsTakenOnceAndMarked() {
    byte[] file = gzip(events("ann", 3));

    put("default/2026-01-01/shop.ndjson.gz", file);
    awaitStatus(file, "done");
    await().atMost(PATIENCE).until(() -> state("default/2026-01-01/shop.ndjson.gz").equals("done"));
    put("default/again.ndjson.gz", file);
    await().atMost(PATIENCE).until(() -> state("default/again.ndjson.gz").equals("done"));

    assertThat(linesOf(file)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aFileThatCannotBeReadIsMarkedAndTakenWhenItIsPutThereRight() {
    byte[] whole = gzip(events("bob", 1_000));
    byte[] cutOff = Arrays.copyOf(whole, whole.length - 10);

    put("default/cut-off.ndjson.gz", cutOff);
    assertThat(awaitStatus(cutOff, "failed").path("error").asText())
        .isEqualTo("It is no complete gzip file");
    await().atMost(PATIENCE).until(() -> state("default/cut-off.ndjson.gz").equals("failed"));
    put("default/cut-off.ndjson.gz", whole);

    awaitStatus(whole, "done");
    assertThat(linesOf(cutOff)).isEmpty();
    assertThat(linesOf(whole)).hasSize(1_000);
  }

  @Test
  void anUploadGoesIntoTheFolderAndIsTakenFromThere() {
    byte[] file = events("cat", 40_000);

    HttpResponse<String> answer =
        http.post(FILES + "?name=x.ndjson", EventsController.NDJSON, file);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(awaitStatus(file, "done").path("name").asText()).isEqualTo("x.ndjson");
    assertThat(linesOf(file)).hasSize(40_000);
    assertThat(http.post(FILES, EventsController.NDJSON, file).statusCode()).isEqualTo(200);
  }
}

package dev.millrace.ingest;

import static dev.millrace.ingest.Http.requireProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.LocalBroker;
import dev.millrace.streams.StartupException;
import dev.millrace.streams.Surroundings;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A broker of its own: first without topics, then with them, then gone. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IngestWithoutBrokerIT {

  private static final Duration BOUND = Duration.ofSeconds(1);
  @TempDir private static Path folder;
  private static Surroundings surroundings;
  private static LocalBroker broker;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    broker = LocalBroker.start(folder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static ConfigurableApplicationContext run() {
    return SpringApplication.run(
        IngestApplication.class,
        surroundings.arguments(
            "--millrace.bootstrap-servers=" + broker.bootstrapServers(),
            "--millrace.ingest.landing=" + folder.resolve("landing"),
            "--millrace.ingest.acknowledge-within=" + BOUND.toMillis() + "ms",
            // The topology would only wait for the broker to come back.
            "--spring.cloud.stream.bindings.ingest-in-0.consumer.auto-startup=false"));
  }

  private static void createTopics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      admin
          .createTopics(
              Topics.ALL.stream()
                  .map(topic -> new NewTopic(topic.name(), 1, (short) 1).configs(topic.config()))
                  .toList())
          .all()
          .get();
      for (var activation : surroundings.read(Topics.ACTIVATIONS)) {
        producer
            .send(new ProducerRecord<>(Topics.ACTIVATIONS.name(), null, activation.value()))
            .get();
      }
    }
  }

  @Test
  @Order(1)
  void refusesToStartWithoutItsTopicsAndNamesThem() {
    assertThatThrownBy(IngestWithoutBrokerIT::run)
        .hasRootCauseInstanceOf(StartupException.class)
        .hasRootCauseMessage("Topics are missing: activations, events.inbound, events.raw, files.");
  }

  @Test
  @Order(2)
  void answersWith503WithinABoundWhenTheBrokerIsAway() throws Exception {
    createTopics();
    try (RawPublisher published = RawPublisher.connect(broker.bootstrapServers(), BOUND);
        ConfigurableApplicationContext service = run()) {
      RawEvents.Keyed record = new RawEvents.Keyed("key", new byte[] {1});
      assertThat(published.publish(record).get(10, TimeUnit.SECONDS).offset()).isZero();
      Http http = new Http(service);

      broker.close();

      // One that has published before knows the topic and waits for the acknowledgement.
      assertThatThrownBy(() -> published.publish(record).get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TimeoutException.class);

      // One that has not waits for the topic, and does so once and not for each event.
      long start = System.nanoTime();
      HttpResponse<String> batch =
          http.post("/v1/events:batch", "application/x-ndjson", "{}\n".repeat(1_000));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND.multipliedBy(4));
      JsonNode problem = requireProblem(batch, 503);
      assertThat(batch.headers().firstValue("Retry-After")).hasValue("2");
      assertThat(problem.path("events")).hasSize(1_000);
      assertThat(problem.path("events").get(999).path("status").asInt()).isEqualTo(503);

      HttpResponse<String> single = http.post("/v1/events", ContentType.JSON, "{}");
      requireProblem(single, 503);
      assertThat(single.headers().firstValue("Retry-After")).hasValue("2");

      assertThat(http.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
      assertThat(http.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    }
  }
}

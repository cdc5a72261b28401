package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the client takes a registry that misbehaves; the real one is in {@code SchemaRegistryIT}. */
class SchemaRegistryTest {

  private record Answer(int status, String body) {}

  private final Queue<Answer> answers = new ArrayDeque<>();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private SchemaRegistry registry;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
          byte[] body = answer.body().getBytes(UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    registry = new SchemaRegistry(url(), Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Test
  void aFailingRegistryIsAskedAgainUntilItAnswers() {
    answers.add(new Answer(503, ""));
    answers.add(new Answer(500, "{}"));
    answers.add(new Answer(200, "{\"schema\": \"\\\"string\\\"\"}"));

    assertThat(registry.find(7)).contains(Schema.create(Schema.Type.STRING));
    assertThat(asked).hasSize(3);
  }

  @Test
  void aSchemaIsFetchedOnce() {
    answers.add(new Answer(200, "{\"schema\": \"\\\"string\\\"\"}"));

    registry.find(7);
    registry.find(7);

    assertThat(asked).containsExactly("GET /schemas/ids/7");
  }

  @Test
  void anUnknownIdIsAnAnswerAndAnotherNotFoundIsNot() {
    answers.add(new Answer(404, "{\"error_code\": 40403, \"message\": \"Schema not found\"}"));
    assertThat(registry.find(7)).isEmpty();

    answers.clear();
    answers.add(new Answer(404, "{\"error_code\": 404}"));
    assertThatThrownBy(() -> registry.find(7))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("answers 404");
  }

  @Test
  void aSchemaThatIsNoAvroIsUnknownToAnAvroReader() {
    answers.add(
        new Answer(200, "{\"schemaType\": \"PROTOBUF\", \"schema\": \"syntax = 'proto3';\"}"));

    assertThat(registry.find(7)).isEmpty();
  }

  @Test
  void aRegistryThatStaysAwayEndsInAMessageThatSaysWhatToDo() {
    SchemaRegistry impatient = new SchemaRegistry(url(), Duration.ofMillis(300));
    server.stop(0);

    assertThatThrownBy(() -> impatient.find(7))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("Cannot fetch schema 7")
        .hasMessageContaining("Start it, or correct its URL");
  }

  @Test
  void aServerThatSpeaksAnotherProtocolIsToldFromARegistry() {
    answers.add(new Answer(200, "<html>"));

    assertThatThrownBy(() -> registry.find(7)).hasMessageContaining("is the URL complete?");
  }

  @Test
  void anInterruptedCallEndsAndStaysInterrupted() {
    answers.add(new Answer(503, ""));
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> registry.find(7)).isInstanceOf(RegistryException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}

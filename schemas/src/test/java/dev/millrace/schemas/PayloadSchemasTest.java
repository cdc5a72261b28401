package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadSchemasTest {

  private static final String CLICK =
      """
      {"type": "record", "name": "Click", "doc": "Written by a producer.", "fields": [
        {"name": "u", "type": "string"}]}
      """;
  private static final String UNKNOWN =
      "{\"error_code\": 40403, \"message\": \"Schema not found\"}";
  private static final byte[] ANNS_CLICK = {0, 0, 0, 0, 7, 6, 'a', 'n', 'n'};
  private static final SourceMapping MAPPING =
      SourceMapping.compile(
          "web.yaml",
          """
          source: web
          version: 1
          fields:
            user_id:    {from: /u}
            event_time: {constant: "2026-01-01T12:00:00Z"}
            event_type: {constant: click}
          """);

  @TempDir private Path folder;

  private final AtomicInteger asked = new AtomicInteger();
  private volatile int status = 404;
  private volatile String answer = UNKNOWN;
  private HttpServer server;
  private SchemaRegistry registry;
  private ArtifactStore store;
  private PayloadSchemas schemas;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/schemas/ids/7",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    registry =
        new SchemaRegistry(
            "http://127.0.0.1:" + server.getAddress().getPort(), Duration.ofMillis(300));
    store = new ArtifactStore(folder.resolve("artifacts"));
    schemas = new PayloadSchemas(store);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void register(String schema) {
    status = 200;
    answer = "{\"schema\": " + new TextNode(schema) + "}";
  }

  private String stamp() {
    return schemas.stamp(ANNS_CLICK, ContentType.AVRO, registry);
  }

  private Reading read(String stamp) {
    return new EventReader()
        .read(ANNS_CLICK, ContentType.AVRO, MAPPING, new PayloadSchemas(store).find(stamp));
  }

  @Test
  void aSchemaThatIsRegisteredTooLateDoesNotChangeHowAnEventIsReadAgain() {
    String before = stamp();
    Reading live = read(before);
    register(CLICK);
    String after = stamp();

    assertThat(before).isNull();
    assertThat(live.violations())
        .extracting(Violation::rule)
        .containsExactly(Reason.AVRO_UNKNOWN_SCHEMA);
    assertThat(read(before)).isEqualTo(live);
    assertThat(read(after).content().text(EventField.USER_ID)).isEqualTo("ann");
  }

  @Test
  void aStampedEventIsReadAsBeforeWhenTheRegistryIsGoneOrSaysSomethingElse() {
    register(CLICK);
    String stamp = stamp();
    Reading live = read(stamp);

    register(CLICK.replace("\"u\"", "\"v\""));
    assertThat(read(stamp)).isEqualTo(live);
    server.stop(0);
    assertThat(read(stamp)).isEqualTo(live);
    assertThat(live.violations()).isEmpty();
  }

  @Test
  void theStampNamesTheWholeSchemaAsAnArtifact() {
    register(CLICK);
    String stamp = stamp();

    byte[] kept = store.get(stamp);
    assertThat(stamp).isEqualTo(CanonicalHash.sha256Hex(kept));
    assertThat(new Schema.Parser().parse(new String(kept, UTF_8)))
        .isEqualTo(new Schema.Parser().parse(CLICK));
    assertThat(new String(kept, UTF_8)).contains("Written by a producer.");
  }

  @Test
  void theRegistryIsAskedOnceForASchemaItKnowsAndAgainForOneItDoesNot() {
    stamp();
    stamp();
    assertThat(asked).hasValue(2);

    register(CLICK);
    assertThat(stamp()).isEqualTo(stamp());
    assertThat(asked).hasValue(3);
  }

  @Test
  void aRegistryThatIsAwayStampsNothingAndSaysSo() {
    status = 503;

    assertThatThrownBy(this::stamp).isInstanceOf(RegistryException.class);
    assertThat(asked.get()).as("tries").isGreaterThan(1);
  }

  @Test
  void whatIsNotFramedAvroNeedsNoRegistry() {
    assertThat(schemas.stamp(ANNS_CLICK, ContentType.JSON, registry)).isNull();
    assertThat(schemas.stamp(new byte[] {0, 0, 0}, ContentType.AVRO, registry)).isNull();
    assertThat(schemas.stamp(new byte[0], ContentType.AVRO, registry)).isNull();
    assertThat(asked).hasValue(0);
  }

  @Test
  void aStampWhoseSchemaIsNotInTheStoreIsAFaultOfTheSurroundingsAndOfNoEvent() {
    assertThatThrownBy(() -> schemas.find("a".repeat(64))).isInstanceOf(ArtifactException.class);
  }

  @Test
  void aStoreThatCannotKeepASchemaStampsNothingAndSaysSo() throws IOException {
    register(CLICK);
    Files.writeString(folder.resolve("artifacts"), "a file where the folder should be");

    assertThatThrownBy(this::stamp)
        .isInstanceOf(ArtifactException.class)
        .hasMessageContaining("is the folder writable?");
  }
}

package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An activation is done when every service has read it, and not before. */
class ActivationReadersTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<Service, String> metrics = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Runnable whenAskedAgain = () -> {};
  private HttpServer http;

  @BeforeEach
  void allHaveReadToThree() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    for (Service service : Service.values()) {
      hasRead(service, 3);
      http.createContext(
          "/" + service + "/actuator/prometheus",
          exchange -> {
            if (asked.incrementAndGet() > Service.values().length) {
              whenAskedAgain.run();
            }
            byte[] body = metrics.get(service).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
    }
    http.start();
  }

  @AfterEach
  void stop() {
    http.stop(0);
  }

  private void hasRead(Service service, long offset) {
    metrics.put(
        service,
        """
        # HELP millrace_activations_offset Offset of the last activation read
        # TYPE millrace_activations_offset gauge
        millrace_activations_offset_of_something_else 99.0
        millrace_activations_offset{application="%s"} %s
        millrace_activations_unreadable_total 0.0
        """
            .formatted(service, (double) offset));
  }

  private ActivationReaders readers() {
    String base = "http://127.0.0.1:" + http.getAddress().getPort() + "/";
    ProcessId me = ProcessId.of(ProcessHandle.current());
    StackFile stack =
        new StackFile(
            me,
            true,
            "",
            "",
            "",
            "",
            "",
            Stream.of(Service.values())
                .map(
                    service ->
                        new Part(
                            service.moduleName(), me, 1, base + service, true, service + ".log"))
                .toList());
    return new ActivationReaders(
        stack, new ServiceClient(), new Console(new PrintStream(out, true, UTF_8), true));
  }

  @Test
  void saysInHowManyServicesItIsActive() {
    readers().await(3, PATIENCE);

    assertThat(out.toString(UTF_8)).endsWith("Active in all 4 services.\n");
  }

  @Test
  void waitsForTheOneThatIsBehind() {
    hasRead(Service.SCORING, 2);
    whenAskedAgain = () -> hasRead(Service.SCORING, 3);

    readers().await(3, PATIENCE);

    assertThat(out.toString(UTF_8))
        .contains("waiting until it is read by scoring-service")
        .endsWith("Active in all 4 services.\n");
  }

  @Test
  void namesTheOnesThatDoNotComeThere() {
    hasRead(Service.CLEANSING, 2);
    metrics.put(Service.SCORING, "");

    assertThatThrownBy(() -> readers().await(3, Duration.ofMillis(10)))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("at offset 3")
        .hasMessageContaining("cleansing-service has read to offset 2, see CLEANSING.log")
        .hasMessageContaining("scoring-service does not say how far it is, see SCORING.log")
        .hasMessageNotContaining("ingest-service");
  }
}

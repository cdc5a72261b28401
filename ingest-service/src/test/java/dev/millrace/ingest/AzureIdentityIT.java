package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.servers.ChildProcess;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who a service on Azure is, told by its environment; so in a process that has another. */
class AzureIdentityIT {

  @TempDir private Path folder;

  /** Prints it, and a token of it if there is an endpoint that gives one. */
  static final class Printed {

    public static void main(String[] unused) {
      TokenCredential identity = AzureFolder.identity();
      System.out.println(identity.getClass().getSimpleName());
      if (System.getenv("IDENTITY_ENDPOINT") != null) {
        TokenRequestContext storage =
            new TokenRequestContext().addScopes("https://storage.azure.com/.default");
        System.out.println(identity.getTokenSync(storage).getToken());
      }
      System.exit(0);
    }
  }

  private String printed(Map<String, String> environment) throws Exception {
    List<String> command =
        ChildProcess.java(
            List.of("-cp", System.getProperty("java.class.path"), Printed.class.getName()));
    try (ChildProcess process =
        ChildProcess.start("identity", folder.resolve("log"), command, environment)) {
      assertThat(process.onExit().get(60, TimeUnit.SECONDS)).as(process.logTail(20)).isZero();
      return process.logTail(20);
    }
  }

  @Test
  void itIsTheMachinesIdentityAndItsTokenIsAskedOfTheMachine() throws Exception {
    Queue<URI> asked = new ConcurrentLinkedQueue<>();
    byte[] answer =
        """
        {"access_token": "a-token", "token_type": "Bearer", "resource": "https://storage.azure.com", "expires_on": "%d"}"""
            .formatted(Instant.now().plusSeconds(3_600).getEpochSecond())
            .getBytes(UTF_8);
    HttpServer machine =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    machine.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI());
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(answer);
          }
        });
    machine.start();
    try {
      String printed =
          printed(
              Map.of(
                  "IDENTITY_ENDPOINT",
                  "http://127.0.0.1:%d/token".formatted(machine.getAddress().getPort()),
                  "IDENTITY_HEADER",
                  "secret",
                  "AZURE_CLIENT_ID",
                  "a-client"));

      assertThat(printed).contains("ManagedIdentityCredential").endsWith("a-token");
      assertThat(asked.element().getQuery())
          .contains("resource=https://storage.azure.com")
          .contains("client_id=a-client");
    } finally {
      machine.stop(0);
    }
  }

  @Test
  void whereKubernetesHasPutAFederatedTokenItIsThePodsIdentity() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "signed");

    assertThat(
            printed(
                Map.of(
                    "AZURE_FEDERATED_TOKEN_FILE",
                    token.toString(),
                    "AZURE_TENANT_ID",
                    "00000000-0000-0000-0000-000000000001",
                    "AZURE_CLIENT_ID",
                    "a-client")))
        .contains("WorkloadIdentityCredential");
  }
}

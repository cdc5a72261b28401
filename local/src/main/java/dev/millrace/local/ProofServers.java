package dev.millrace.local;

import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.LocalRegistry;
import dev.millrace.servers.Ports;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;

/** A Kafka and a registry for the length of a proof, each a process on a free port. */
final class ProofServers implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ChildProcess kafka;
  private final LocalRegistry registry;
  private final String bootstrapServers;
  private final Admin admin;

  private ProofServers(ChildProcess kafka, LocalRegistry registry, String bootstrapServers) {
    this.kafka = kafka;
    this.registry = registry;
    this.bootstrapServers = bootstrapServers;
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  /** Returns when both answer. */
  static ProofServers start(Home home) {
    CompletableFuture<LocalRegistry> registry =
        CompletableFuture.supplyAsync(
            () -> LocalRegistry.start(home.work().resolve(Members.REGISTRY)));
    int port = Ports.free();
    ChildProcess kafka =
        ChildProcess.start(
            Members.KAFKA,
            home.log(Members.KAFKA),
            Programs.kafka(port, home.work().resolve(Members.KAFKA)));
    try {
      kafka.awaitReady(START_TIMEOUT, () -> kafka.logTail(20).contains("Kafka is ready at"));
      return new ProofServers(kafka, registry.join(), Members.HOST + ":" + port);
    } catch (RuntimeException e) {
      kafka.kill();
      throw e;
    }
  }

  String bootstrapServers() {
    return bootstrapServers;
  }

  String registryUrl() {
    return registry.url();
  }

  SchemaRegistry registry() {
    return new SchemaRegistry(registryUrl(), PATIENCE);
  }

  Admin admin() {
    return admin;
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
    registry.close();
    kafka.close();
  }
}

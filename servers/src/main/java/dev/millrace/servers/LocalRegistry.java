package dev.millrace.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A schema registry that speaks Confluent's protocol: Apicurio as a child process.
 *
 * <p>It listens on 127.0.0.1 only and refuses nothing until a compatibility level is set: that is
 * the client's duty.
 */
public final class LocalRegistry implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

  // Small and quick to start; it serves a handful of clients.
  private static final List<String> JVM_ARGS =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final ChildProcess process;
  private final String base;

  private LocalRegistry(ChildProcess process, String base) {
    this.process = process;
    this.base = base;
  }

  public static LocalRegistry start(Path workDir) {
    return start(workDir, Ports.free());
  }

  /** Returns when the registry answers. Its schemas are in memory and end with it. */
  public static LocalRegistry start(Path workDir, int port) {
    return start(workDir, port, "jdbc:h2:mem:registry");
  }

  /**
   * As {@link #start(Path, int)}, but schemas, ids and compatibility levels are kept in the
   * directory and survive a restart, also after SIGKILL: ids in a topic that outlives the registry
   * keep their meaning.
   */
  public static LocalRegistry startDurable(Path workDir, int port) {
    // Without WRITE_DELAY=0 a kill loses what was answered in the last half second.
    String file = workDir.toAbsolutePath().resolve("registry").toString();
    return start(workDir, port, "jdbc:h2:file:" + file + ";WRITE_DELAY=0");
  }

  private static LocalRegistry start(Path workDir, int port, String storage) {
    String base = "http://" + HOST + ":" + port;
    String name = "millrace-" + UUID.randomUUID();
    ChildProcess process =
        ChildProcess.start(
            "registry", workDir.resolve("registry.log"), command(port, storage, name));
    HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();
    // Asked for the name that only we know, so that no other registry on the port passes for ours.
    process.awaitReady(
        START_TIMEOUT,
        () ->
            answer(client, base + "/apis/registry/v2/system/info").contains(name)
                && answer(client, base + "/apis/ccompat/v7/subjects").startsWith("["));
    return new LocalRegistry(process, base);
  }

  private static List<String> command(int port, String storage, String name) {
    List<String> properties =
        List.of(
            "-Dquarkus.http.host=" + HOST,
            "-Dquarkus.http.port=" + port,
            "-Dquarkus.datasource.jdbc.url=" + storage,
            "-Dquarkus.datasource.jdbc.initial-size=1",
            "-Dquarkus.datasource.jdbc.min-size=1",
            "-Dquarkus.datasource.jdbc.max-size=8",
            "-Dapp.name=" + name);
    return ChildProcess.java(
        Stream.of(JVM_ARGS, properties, List.of("-jar", jar().toString()))
            .flatMap(List::stream)
            .toList());
  }

  /** Where this module's build has unpacked the registry. */
  private static Path jar() {
    Properties properties = new Properties();
    try (InputStream resource = LocalRegistry.class.getResourceAsStream("registry.properties")) {
      properties.load(resource);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read registry.properties from the class path", e);
    }
    Path jar = Path.of(properties.getProperty("jar"));
    if (!Files.exists(jar)) {
      throw new IllegalStateException(
          "The schema registry is not at "
              + jar
              + ", where the build of the module servers puts it; run ./mvnw -pl servers generate-resources");
    }
    return jar;
  }

  /** What the server says; empty as long as it says nothing or an error. */
  private static String answer(HttpClient client, String url) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_TIMEOUT).build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? response.body() : "";
    } catch (IOException notYet) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the registry", e);
    }
  }

  /** The base URL for Confluent's clients and ours. */
  public String url() {
    return base + "/apis/ccompat/v7";
  }

  /** To kill or suspend it in a test. */
  public ChildProcess process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }
}

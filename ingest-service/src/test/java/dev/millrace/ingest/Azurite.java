package dev.millrace.ingest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A real Azurite, as much of a storage account as runs on any machine. One for all tests of a
 * module; it ends with the JVM.
 *
 * <p>The environment's {@code AZURITE} names the program {@code azurite-blob}, else it is looked
 * for on the {@code PATH}. Without it tests are skipped, and fail in CI.
 */
final class Azurite {

  private static final String ACCOUNT = "millrace";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static Azurite shared;

  private final int port;
  private final String key;
  private final ChildProcess process;

  static synchronized Azurite shared() {
    if (shared == null) {
      Optional<Path> program = program();
      boolean ci = "true".equals(System.getenv("CI"));
      assumeTrue(
          ci || program.isPresent(),
          "Skipped: there is no azurite-blob on the PATH; npm install azurite, and let AZURITE name node_modules/.bin/azurite-blob");
      shared =
          new Azurite(
              program.orElseThrow(
                  () -> new IllegalStateException("CI must install Azurite; see .ci/run")));
    }
    return shared;
  }

  private static Optional<Path> program() {
    String named = System.getenv("AZURITE");
    return named == null
        ? Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, "azurite-blob"))
            .filter(Files::isExecutable)
            .findFirst()
        : Optional.of(Path.of(named));
  }

  private Azurite(Path program) {
    byte[] secret = new byte[64];
    new Random().nextBytes(secret);
    key = Base64.getEncoder().encodeToString(secret);
    port = Ports.free();
    try {
      Path folder = Files.createTempDirectory("azurite");
      process =
          ChildProcess.start(
              "azurite",
              folder.resolve("azurite.log"),
              List.of(
                  program.toString(),
                  "--blobHost",
                  "127.0.0.1",
                  "--blobPort",
                  Integer.toString(port),
                  "--location",
                  folder.toString(),
                  "--skipApiVersionCheck",
                  "--loose",
                  "--disableTelemetry"),
              Map.of("AZURITE_ACCOUNTS", ACCOUNT + ":" + key));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process.awaitReady(PATIENCE, this::isOurs);
    Runtime.getRuntime().addShutdownHook(new Thread(process::close));
  }

  /** Says that it listens, and knows the key that only ours knows. */
  private boolean isOurs() {
    return process.logTail(5).contains("successfully listens")
        && service(1).getAccountInfo() != null;
  }

  private BlobServiceClient service(int tries) {
    return new BlobServiceClientBuilder()
        .endpoint(endpoint())
        .credential(new StorageSharedKeyCredential(ACCOUNT, key))
        .retryOptions(new RequestRetryOptions(RetryPolicyType.FIXED, tries, 10, 100L, 100L, null))
        .buildClient();
  }

  private String endpoint() {
    return "http://127.0.0.1:" + port + "/" + ACCOUNT;
  }

  String key() {
    return key;
  }

  /** As a service is told of it. */
  String[] arguments() {
    return new String[] {
      "--millrace.azure.endpoint=" + endpoint(), "--millrace.azure.account-key=" + key
    };
  }

  AzureProperties properties() {
    return new AzureProperties(URI.create(endpoint()), key);
  }

  /** What the service is told of a folder in that container. */
  static String place(String container, String folder) {
    return "abfss://%s@%s.dfs.core.windows.net/%s".formatted(container, ACCOUNT, folder);
  }

  /** A container by which a test looks at what the service did; not made yet. */
  BlobContainerClient container(String name) {
    return service(3).getBlobContainerClient(name);
  }
}

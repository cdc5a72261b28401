package dev.millrace.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server as a child process, on 127.0.0.1 only and without persistence: what it holds can
 * be rebuilt.
 */
public final class LocalRedis implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
  private static final int ANSWER_TIMEOUT_MS = 1_000;
  private static final Set<String> PROCESSORS = Set.of("amd64", "x86_64", "aarch64");

  private final ChildProcess process;
  private final int port;

  private LocalRedis(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  public static LocalRedis start(Path workDir) {
    return start(workDir, Ports.free());
  }

  /** Returns when the server answers; the binary and its log are put into the directory. */
  public static LocalRedis start(Path workDir, int port) {
    requireSupported(System.getProperty("os.name"), System.getProperty("os.arch"));
    List<String> command =
        List.of(
            binary(workDir).toString(),
            "--bind",
            HOST,
            "--port",
            Integer.toString(port),
            "--dir",
            workDir.toAbsolutePath().toString(),
            "--save",
            "",
            "--appendonly",
            "no");
    ChildProcess process = ChildProcess.start("Redis", workDir.resolve("redis.log"), command);
    try {
      process.awaitReady(START_TIMEOUT, () -> answeringProcess(port) == process.pid());
    } catch (IllegalStateException e) {
      throw explained(e);
    }
    return new LocalRedis(process, port);
  }

  private static Path binary(Path workDir) {
    try {
      Files.createDirectories(workDir);
      return ExecutableProvider.newJarResourceProvider(workDir.toFile())
          .get()
          .toPath()
          .toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot put the Redis binary into " + workDir, e);
    }
  }

  static void requireSupported(String system, String processor) {
    if (!system.equals("Linux") || !PROCESSORS.contains(processor)) {
      throw new IllegalStateException(
          "The bundled Redis runs on Linux, x64 or arm64, and this is %s on %s; start a Redis yourself, or work in a Linux container or virtual machine"
              .formatted(system, processor));
    }
  }

  /** The one failure a user can do something about, said in words instead of by the linker. */
  static IllegalStateException explained(IllegalStateException failure) {
    String message = String.valueOf(failure.getMessage());
    if (!message.contains("libssl") && !message.contains("libcrypto")) {
      return failure;
    }
    return new IllegalStateException(
        "The bundled Redis needs OpenSSL 3 (libssl.so.3), which this system lacks; install it (Debian, Ubuntu: apt-get install libssl3; Fedora: dnf install openssl-libs). "
            + message,
        failure);
  }

  /** The process id of the Redis that answers on the port; -1 as long as none does. */
  private static long answeringProcess(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ANSWER_TIMEOUT_MS);
      socket.setSoTimeout(ANSWER_TIMEOUT_MS);
      socket
          .getOutputStream()
          .write("PING\r\nINFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
      List<String> answer =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .lines()
              .toList();
      return answer.isEmpty() || !answer.get(0).equals("+PONG")
          ? -1
          : field("process_id:", answer).map(Long::parseLong).orElse(-1L);
    } catch (IOException | UncheckedIOException notYet) {
      return -1;
    }
  }

  private static Optional<String> field(String name, List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()))
        .findFirst();
  }

  public String host() {
    return HOST;
  }

  public int port() {
    return port;
  }

  /** In the form {@code redis://host:port}. */
  public String uri() {
    return "redis://" + HOST + ":" + port;
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

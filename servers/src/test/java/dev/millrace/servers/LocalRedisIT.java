package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRedisIT {

  @TempDir Path dir;

  @Test
  void answersAndForgetsWhenItIsRestarted() throws IOException {
    int port;
    try (LocalRedis redis = LocalRedis.start(dir)) {
      port = redis.port();
      assertThat(redis.uri()).isEqualTo("redis://127.0.0.1:" + port);
      assertThat(ask(redis, "PING")).isEqualTo("+PONG");
      assertThat(ask(redis, "SET a 1")).isEqualTo("+OK");
    }

    try (LocalRedis restarted = LocalRedis.start(dir, port)) {
      assertThat(ask(restarted, "EXISTS a")).isEqualTo(":0");
    }
  }

  @Test
  void canBeKilledAndStartedAgainOnTheSamePort() throws IOException {
    LocalRedis redis = LocalRedis.start(dir);

    redis.process().kill();

    assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(IOException.class);
    try (LocalRedis restarted = LocalRedis.start(dir, redis.port())) {
      assertThat(ask(restarted, "PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void anotherRedisOnThePortIsNotTakenForOurs() {
    try (LocalRedis other = LocalRedis.start(dir.resolve("other"))) {
      assertThatThrownBy(() -> LocalRedis.start(dir.resolve("ours"), other.port()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Address already in use");
    }
  }

  @Test
  void aServerThatIsNotRedisIsNotTakenForOursEither() throws IOException {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> LocalRedis.start(dir, mute.getLocalPort()))
          .hasMessageContaining("Address already in use");
    }
  }

  @Test
  void anUnsupportedPlatformIsToldWhatToDo() {
    assertThatThrownBy(() -> LocalRedis.requireSupported("Mac OS X", "aarch64"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Linux, x64 or arm64")
        .hasMessageContaining("Mac OS X on aarch64")
        .hasMessageContaining("start a Redis yourself");
    assertThatThrownBy(() -> LocalRedis.requireSupported("Linux", "i386"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aMissingOpenSslIsToldWhatToInstall() {
    IllegalStateException failure =
        new IllegalStateException(
            "Redis ended with exit code 127 before it was ready; its log ends: error while loading"
                + " shared libraries: libssl.so.3: cannot open shared object file");

    assertThat(LocalRedis.explained(failure))
        .hasMessageContaining("needs OpenSSL 3")
        .hasMessageContaining("apt-get install libssl3")
        .hasCause(failure);
  }

  private static String ask(LocalRedis redis, String command) throws IOException {
    try (Socket socket = new Socket(redis.host(), redis.port())) {
      socket.setSoTimeout((int) Duration.ofSeconds(5).toMillis());
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }
}

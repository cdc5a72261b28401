package dev.millrace.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Free TCP ports on the loopback interface. */
public final class Ports {

  // Below the range from which Linux takes client ports: a port from that range can be lost to any
  // outgoing connection while its server restarts, even to a client connecting to itself.
  static final int FIRST = 20_000;
  static final int LAST = 32_767;

  private static final int ATTEMPTS = 1_000;

  private Ports() {}

  /** A port nobody listens on now; somebody else may still take it before it is used. */
  public static int free() {
    return free(1).get(0);
  }

  /** Several distinct free ports. */
  public static List<Integer> free(int count) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int attempt = 0; held.size() < count && attempt < ATTEMPTS; attempt++) {
        bind(ThreadLocalRandom.current().nextInt(FIRST, LAST + 1)).ifPresent(held::add);
      }
      if (held.size() < count) {
        throw new IllegalStateException(
            "Cannot find %d free ports between %d and %d on the loopback interface after %d attempts; stop what listens there"
                .formatted(count, FIRST, LAST, ATTEMPTS));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      held.forEach(Ports::close);
    }
  }

  /** Refuses a port on which somebody listens. */
  static void requireFree(int port) {
    bind(port)
        .ifPresentOrElse(
            Ports::close,
            () -> {
              throw new IllegalStateException(
                  "Port "
                      + port
                      + " of 127.0.0.1 is in use; stop who listens there or choose another");
            });
  }

  private static Optional<ServerSocket> bind(int port) {
    try {
      return Optional.of(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    } catch (BindException taken) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot try port " + port + " on the loopback interface", e);
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot release port " + socket.getLocalPort(), e);
    }
  }
}

package dev.millrace.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void severalPortsAreDistinctAndCanBeBoundAtOnce() throws IOException {
    List<Integer> ports = Ports.free(20);

    assertThat(ports).hasSize(20).doesNotHaveDuplicates();
    List<ServerSocket> sockets = new ArrayList<>();
    for (int port : ports) {
      sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void aPortIsNotOneThatAnOutgoingConnectionCouldTake() {
    assertThat(Ports.free()).isBetween(Ports.FIRST, Ports.LAST);
  }
}

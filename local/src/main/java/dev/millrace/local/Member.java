package dev.millrace.local;

import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import dev.millrace.servers.ChildProcess;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One process of a stack, which may be started again. Guarded by its {@link Members}. */
final class Member {

  final String name;
  final int port;
  String url;
  boolean ready;
  @Nullable ChildProcess process;
  private long began = System.nanoTime();

  Member(String name, int port, String url) {
    this.name = name;
    this.port = port;
    this.url = url;
  }

  void begin() {
    began = System.nanoTime();
  }

  double secondsSinceItBegan() {
    return (System.nanoTime() - began) / 1e9;
  }

  /** As {@code stack.json} describes it while that process runs. */
  Part part(ChildProcess running, Path log) {
    ProcessId id =
        ProcessHandle.of(running.pid()).map(ProcessId::of).orElse(new ProcessId(running.pid(), 0));
    return new Part(name, id, port, url, ready, log.toString());
  }
}

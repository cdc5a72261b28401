package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A Connect cluster whose workers come and go. */
final class SinkWorkers implements AutoCloseable {

  /** As short as Kafka allows, so that who is dead or asleep is given up soon. */
  private static final List<String> SHORT_SESSIONS =
      List.of(
          "session.timeout.ms=6000",
          "heartbeat.interval.ms=500",
          "scheduled.rebalance.max.delay.ms=500",
          "task.shutdown.graceful.timeout.ms=2000");

  private static final Duration GRACE = Duration.ofSeconds(20);

  private final Home home;
  private final ProofServers servers;
  private final String group;
  private final Path folder;
  private final Path plugins;
  private final Path faults;
  private final List<SinkWorker> workers = new CopyOnWriteArrayList<>();
  private volatile @Nullable SinkWorker asleep;
  private boolean closed;

  /**
   * @param folder for settings
   * @param plugins where the sink is, with {@code FaultyLogStore} beside it
   * @param faults where that store is told what to do
   */
  SinkWorkers(
      Home home, ProofServers servers, String group, Path folder, Path plugins, Path faults) {
    this.home = home;
    this.servers = servers;
    this.group = group;
    this.folder = folder;
    this.plugins = plugins;
    this.faults = faults;
  }

  /** Starts a worker; it is not ready yet. */
  synchronized SinkWorker start() {
    if (closed) {
      throw new CommandException("No worker is started any more: all are being stopped");
    }
    int port = Ports.free();
    String url = "http://" + Members.HOST + ":" + port;
    Path settings = folder.resolve("worker-" + port + ".properties");
    List<String> lines =
        new ArrayList<>(Programs.connectSettings(servers.bootstrapServers(), url, plugins, group));
    lines.addAll(SHORT_SESSIONS);
    try {
      Files.write(settings, lines);
    } catch (IOException e) {
      throw new CommandException("Cannot write " + settings, e);
    }
    ChildProcess process =
        ChildProcess.start(
            "connect",
            home.log("%s-%d".formatted(group, port)),
            Programs.connect(home, settings),
            Map.of(
                "MILLRACE_BOOTSTRAP_SERVERS",
                servers.bootstrapServers(),
                "MILLRACE_REGISTRY_URL",
                servers.registryUrl(),
                "MILLRACE_LAKE_URI",
                folder.resolve("lake").toUri().toString(),
                "MILLRACE_FAULTS",
                faults.toString()));
    SinkWorker worker = new SinkWorker(Members.HOST + ":" + port, url, process);
    workers.add(worker);
    return worker;
  }

  /** Starts a worker; returns when it is ready. */
  SinkWorker startReady() {
    SinkWorker worker = start();
    worker.awaitReady();
    return worker;
  }

  /** Those that live. */
  List<SinkWorker> alive() {
    workers.removeIf(worker -> !worker.process().isAlive());
    return List.copyOf(workers);
  }

  /** Those that live and are not suspended. */
  List<SinkWorker> awake() {
    return alive().stream().filter(worker -> !worker.equals(asleep)).toList();
  }

  /** To two workers at least. */
  void grow() {
    while (alive().size() < 2) {
      startReady();
    }
  }

  /** To one worker, the youngest; the others end in order. */
  void shrink() {
    List<SinkWorker> alive = alive();
    alive.subList(0, alive.size() - 1).forEach(worker -> worker.process().terminate(GRACE));
  }

  /** One at a time. */
  void suspend(SinkWorker worker) {
    asleep = worker;
    worker.process().suspend();
  }

  void wake(SinkWorker worker) {
    worker.process().resume();
    asleep = null;
  }

  SinkWorker withPid(long pid) {
    return alive().stream()
        .filter(worker -> worker.process().pid() == pid)
        .findFirst()
        .orElseThrow(() -> new CommandException("Worker %d has ended".formatted(pid)));
  }

  /** Ends all at once. */
  @Override
  public synchronized void close() {
    closed = true;
    workers.forEach(worker -> worker.process().kill());
  }
}

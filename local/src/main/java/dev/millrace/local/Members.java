package dev.millrace.local;

import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The processes of a stack and their lives: each begins, becomes ready, and ends when it is told
 * to. Whatever changes is written to {@code stack.json}.
 */
final class Members {

  static final String KAFKA = "kafka";
  static final String REGISTRY = "registry";
  static final String REDIS = "redis";
  static final String CONNECT = "connect";
  static final String HOST = "127.0.0.1";

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final int LOG_LINES = 20;

  private final Home home;
  private final Console console;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private boolean ready;
  private boolean closing;

  /** Gives each a free port; starts none. */
  Members(Home home, Console console) {
    this.home = home;
    this.console = console;
    Iterator<Integer> ports = Ports.free(4 + Service.values().length).iterator();
    add(KAFKA, ports.next(), HOST + ":%d");
    add(REGISTRY, ports.next(), "http://" + HOST + ":%d");
    add(REDIS, ports.next(), "redis://" + HOST + ":%d");
    for (Service service : Service.values()) {
      add(service.moduleName(), ports.next(), "http://" + HOST + ":%d");
    }
    add(CONNECT, ports.next(), "http://" + HOST + ":%d");
  }

  private void add(String name, int port, String url) {
    members.put(name, new Member(name, port, url.formatted(port)));
  }

  int port(String name) {
    return member(name).port;
  }

  synchronized String url(String name) {
    return member(name).url;
  }

  private synchronized Member member(String name) {
    return Objects.requireNonNull(members.get(name), name);
  }

  synchronized void begin(String name) {
    member(name).begin();
  }

  /** Starts a process, unless the stack is being stopped. */
  ChildProcess launch(String name, List<String> command) {
    // Turns off the reports that ONNX Runtime sends to its maker, before it could send any.
    return launch(name, command, Map.of("ORT_DISABLE_TELEMETRY", "1"));
  }

  /** As the other, with variables added to the environment. */
  synchronized ChildProcess launch(
      String name, List<String> command, Map<String, String> environment) {
    requireOpen();
    begin(name);
    ChildProcess process = ChildProcess.start(name, home.log(name), command, environment);
    adopt(name, process, url(name));
    return process;
  }

  /** Takes a process that was started elsewhere; it must not end by itself any more. */
  synchronized void adopt(String name, ChildProcess process, String url) {
    Member member = member(name);
    member.url = url;
    member.process = process;
    if (closing) {
      process.kill();
    }
    requireOpen();
    writeDown();
    CompletableFuture<Void> unused =
        process.onExit().thenAccept(code -> ended(member, process, code));
  }

  private void requireOpen() {
    if (closing) {
      throw new CommandException("The stack is being stopped");
    }
  }

  synchronized void ready(String name) {
    Member member = member(name);
    member.ready = true;
    writeDown();
    console.say(
        String.format(
            Locale.ROOT,
            "  %-18s ready after %4.1f s   %s",
            name,
            member.secondsSinceItBegan(),
            member.url));
  }

  /** From now on other commands find the stack. */
  synchronized void announce() {
    writeDown();
  }

  synchronized void allReady() {
    ready = true;
    writeDown();
  }

  private void ended(Member member, ChildProcess process, int exitCode) {
    synchronized (this) {
      if (closing || member.process != process) {
        return;
      }
      member.ready = false;
    }
    failure.complete(
        "%s ended unexpectedly with exit code %d; its log ends:%n%s%nsee %s"
            .formatted(member.name, exitCode, process.logTail(LOG_LINES), home.log(member.name)));
  }

  /** What was to become ready has not, unless that is because the stack is being stopped. */
  synchronized void fail(String message) {
    if (!closing) {
      failure.complete(message);
    }
  }

  /**
   * Completes, with a message for the user, when a process ends that should not, or does not become
   * what it should.
   */
  CompletableFuture<String> failure() {
    return failure;
  }

  /** A line for each that has begun and is not ready. */
  synchronized List<String> starting() {
    return members.values().stream()
        .filter(member -> member.process != null && !member.ready)
        .map(
            member ->
                String.format(
                    Locale.ROOT,
                    "  %-18s starting for %3.0f s",
                    member.name,
                    member.secondsSinceItBegan()))
        .toList();
  }

  /** SIGKILL, as something that was expected. */
  void kill(String name) {
    released(name).kill();
  }

  /** SIGTERM, as something that was expected; returns when the process is gone. */
  void end(String name) {
    released(name).terminate(STOP_TIMEOUT);
  }

  /** From now on its end is no failure. */
  private synchronized ChildProcess released(String name) {
    Member member = member(name);
    ChildProcess process = Objects.requireNonNull(member.process, "not started");
    member.process = null;
    member.ready = false;
    return process;
  }

  /** From now on none begins, and one that ends is no failure. */
  synchronized void refuseMore() {
    closing = true;
  }

  /** Ends these side by side; returns when they are gone. */
  void stop(List<String> names, Executor threads) {
    List<CompletableFuture<Integer>> stopping = new ArrayList<>();
    for (String name : names) {
      ChildProcess process;
      synchronized (this) {
        process = member(name).process;
      }
      if (process != null) {
        stopping.add(CompletableFuture.supplyAsync(() -> process.terminate(STOP_TIMEOUT), threads));
      }
    }
    stopping.forEach(CompletableFuture::join);
  }

  /** What {@code stack.json} says. */
  synchronized StackFile description() {
    List<Part> parts = new ArrayList<>();
    for (Member member : members.values()) {
      ChildProcess process = member.process;
      if (process != null) {
        parts.add(member.part(process, home.log(member.name)));
      }
    }
    return new StackFile(
        ProcessId.of(ProcessHandle.current()),
        ready,
        url(KAFKA),
        url(REGISTRY),
        url(REDIS),
        home.artifacts().toString(),
        home.logs().toString(),
        parts);
  }

  private void writeDown() {
    description().write(home.stackFile());
  }
}

package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.local.StackFile.Part;
import dev.millrace.local.StackFile.ProcessId;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.LocalBroker;
import dev.millrace.servers.LocalRedis;
import dev.millrace.servers.LocalRegistry;
import dev.millrace.servers.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/**
 * Everything that runs: Kafka, the schema registry, Redis and the four services, each a process on
 * free ports of 127.0.0.1. They end with {@link #close()}, and with this JVM however it ends.
 *
 * <p>One per {@link Home}. A new one forgets what an earlier one wrote.
 */
final class Stack implements AutoCloseable {

  static final String KAFKA = "kafka";
  static final String REGISTRY = "registry";
  static final String REDIS = "redis";
  static final int PARTITIONS = 4;

  private static final String HOST = "127.0.0.1";
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(30);
  private static final int LOG_LINES = 20;
  private static final String BUNDLED = "comes with Millrace";

  // Start quickly and stay small: C1 only, one thread for garbage. Production chooses otherwise.
  private static final List<String> SMALL_JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xss512k",
          "-XX:+ExitOnOutOfMemoryError");
  private static final List<String> KAFKA_JVM = List.of("-Xmx256m", "-XX:MaxMetaspaceSize=128m");
  private static final List<String> SERVICE_JVM = List.of("-Xmx256m", "-XX:MaxMetaspaceSize=192m");

  /** One process, which may be started again. */
  private static final class Member {
    final String name;
    final int port;
    String url;
    long began = System.nanoTime();
    boolean ready;
    @Nullable ChildProcess process;

    Member(String name, int port, String url) {
      this.name = name;
      this.port = port;
      this.url = url;
    }
  }

  private final Home home;
  private final Console console;
  private final FileChannel lock;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final List<String> models = new ArrayList<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();
  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "stack");
            thread.setDaemon(true);
            return thread;
          });
  private final Object closingLock = new Object();
  private boolean ready;
  private boolean closing;
  private boolean closed;

  private Stack(Home home, Console console, FileChannel lock) {
    this.home = home;
    this.console = console;
    this.lock = lock;
    Iterator<Integer> ports = Ports.free(3 + Service.values().length).iterator();
    add(KAFKA, ports.next(), HOST + ":%d");
    add(REGISTRY, ports.next(), "http://" + HOST + ":%d");
    add(REDIS, ports.next(), "redis://" + HOST + ":%d");
    for (Service service : Service.values()) {
      add(service.moduleName(), ports.next(), "http://" + HOST + ":%d");
    }
  }

  private void add(String name, int port, String url) {
    members.put(name, new Member(name, port, url.formatted(port)));
  }

  /**
   * Claims the home and empties it; starts nothing.
   *
   * @throws CommandException if another stack has it
   */
  static Stack claim(Home home, Console console) {
    FileChannel lock = lock(home);
    try {
      StackFile.read(home.stackFile()).ifPresent(killed -> awaitEnd(killed, console));
      home.clear();
      return new Stack(home, console, lock);
    } catch (RuntimeException e) {
      release(lock);
      throw e;
    }
  }

  private static FileChannel lock(Home home) {
    try {
      Files.createDirectories(home.work());
      FileChannel channel =
          FileChannel.open(home.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw alreadyRunning(home);
      }
      return channel;
    } catch (IOException e) {
      throw new CommandException(
          "Cannot use %s: %s. A stack keeps its data there; make it writable."
              .formatted(home.work(), e.getMessage()),
          e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException byThisJvm) {
      return false;
    }
  }

  private static CommandException alreadyRunning(Home home) {
    String who =
        StackFile.read(home.stackFile())
            .map(stack -> "process %d".formatted(stack.owner().pid()))
            .orElse("another ./millrace");
    return new CommandException(
        "A stack is running here already, kept up by %s. Look at it with ./millrace status, or stop it with Ctrl-C where it runs."
            .formatted(who));
  }

  /** Its owner was killed; its processes end by themselves, but write until they do. */
  private static void awaitEnd(StackFile killed, Console console) {
    List<ProcessId> left =
        killed.parts().stream().map(Part::process).filter(ProcessId::isAlive).toList();
    if (!left.isEmpty()) {
      console.say("Waiting for %d processes of a killed stack to end …".formatted(left.size()));
    }
    for (ProcessId process : left) {
      Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
      try {
        if (handle.isPresent()) {
          handle.get().onExit().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
      } catch (ExecutionException | TimeoutException e) {
        throw new CommandException(
            "Process %d of a killed stack is still alive. End it (kill -9 %d) and try again."
                .formatted(process.pid(), process.pid()),
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandException("Interrupted while waiting for a killed stack", e);
      }
    }
  }

  /**
   * Returns when everything is ready.
   *
   * @throws CommandException if something could not be started; then close this
   */
  void start() {
    for (Service service : Service.values()) {
      home.jar(service); // told before anything is started
    }
    inParallel(List.of(this::startKafka, this::startRegistry, this::startRedis));
    createTopics();
    activateBundled();
    inParallel(
        Stream.of(Service.values()).<Runnable>map(service -> () -> startService(service)).toList());
    synchronized (this) {
      ready = true;
      writeDown();
    }
  }

  private void startKafka() {
    ChildProcess process =
        launch(
            KAFKA,
            java(
                KAFKA_JVM,
                List.of(
                    "-Dlogback.configurationFile=dev/millrace/local/kafka-logback.xml",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LocalBroker.class.getName(),
                    "--port",
                    Integer.toString(port(KAFKA)),
                    "--data",
                    home.work().resolve(KAFKA).toString())));
    process.awaitReady(
        START_TIMEOUT, () -> process.logTail(LOG_LINES).contains("Kafka is ready at"));
    ready(KAFKA);
  }

  private void startRegistry() {
    begin(REGISTRY);
    LocalRegistry registry = LocalRegistry.start(home.logs(), port(REGISTRY));
    adopt(REGISTRY, registry.process(), registry.url());
    ready(REGISTRY);
  }

  private void startRedis() {
    begin(REDIS);
    Path directory = home.work().resolve(REDIS);
    LocalRedis redis = LocalRedis.start(directory, port(REDIS));
    adopt(REDIS, redis.process(), redis.uri());
    linkLog(REDIS, redis.process().log());
    ready(REDIS);
  }

  private void startService(Service service) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-Djava.io.tmpdir=" + temporary(service),
                "-jar",
                home.jar(service).toString(),
                "--server.address=" + HOST,
                "--server.port=" + port(service.moduleName()),
                "--millrace.bootstrap-servers=" + bootstrapServers(),
                "--millrace.registry-url=" + registryUrl(),
                "--millrace.artifact-store=" + home.artifacts(),
                "--millrace.instance-id=local",
                "--millrace.state-dir=" + home.work().resolve("state")));
    if (service == Service.SCORING) {
      arguments.add("--millrace.scoring.redis-uri=" + url(REDIS));
    }
    ChildProcess process = launch(service.moduleName(), java(SERVICE_JVM, arguments));
    process.awaitReady(START_TIMEOUT, () -> isReady(service));
    ready(service.moduleName());
  }

  private Path temporary(Service service) {
    try {
      return Files.createDirectories(home.work().resolve("tmp").resolve(service.moduleName()));
    } catch (IOException e) {
      throw new CommandException("Cannot create a directory in " + home.work(), e);
    }
  }

  /** All logs are found in one place, also that of a process which puts its own elsewhere. */
  private void linkLog(String name, Path log) {
    try {
      Files.createSymbolicLink(home.log(name), home.logs().relativize(log));
    } catch (IOException e) {
      throw new CommandException("Cannot link the log %s into %s".formatted(log, home.logs()), e);
    }
  }

  private static List<String> java(List<String> flags, List<String> arguments) {
    return ChildProcess.java(Stream.of(SMALL_JVM, flags, arguments).flatMap(List::stream).toList());
  }

  private void createTopics() {
    List<NewTopic> topics =
        Topics.ALL.stream()
            .map(
                topic ->
                    new NewTopic(topic.name(), topic.singlePartition() ? 1 : PARTITIONS, (short) 1)
                        .configs(topic.config()))
            .toList();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      admin.createTopics(topics).all().get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandException(
          "Kafka did not create the topics: %s; see %s".formatted(e.getMessage(), home.log(KAFKA)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while topics were created", e);
    }
  }

  private void activateBundled() {
    Activator activator = new Activator(bootstrapServers(), registry(), artifactStore());
    for (Path declaration : home.bundledDeclarations()) {
      Artifact artifact =
          activator.activate(declaration, System.getProperty("user.name"), BUNDLED).artifact();
      if (artifact.kind().equals(Activation.MODEL)) {
        models.add(artifact.name());
      }
    }
  }

  private synchronized void begin(String name) {
    member(name).began = System.nanoTime();
  }

  /** Starts a process, unless the stack is being stopped. */
  private synchronized ChildProcess launch(String name, List<String> command) {
    requireOpen();
    begin(name);
    // Turns off the reports that ONNX Runtime sends to its maker, before it could send any.
    ChildProcess process =
        ChildProcess.start(name, home.log(name), command, Map.of("ORT_DISABLE_TELEMETRY", "1"));
    adopt(name, process, url(name));
    return process;
  }

  private synchronized void adopt(String name, ChildProcess process, String url) {
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

  private synchronized void ready(String name) {
    Member member = member(name);
    member.ready = true;
    writeDown();
    console.say(
        String.format(
            Locale.ROOT, "  %-18s ready after %4.1f s   %s", name, seconds(member), member.url));
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

  private void inParallel(List<Runnable> starts) {
    List<CompletableFuture<Void>> running =
        starts.stream().map(start -> CompletableFuture.runAsync(start, threads)).toList();
    CompletableFuture<?> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
    CompletableFuture<Object> firstFailure = new CompletableFuture<>();
    for (CompletableFuture<Void> start : running) {
      CompletableFuture<Void> unused =
          start.whenComplete(
              (nothing, exception) -> {
                if (exception != null) {
                  firstFailure.completeExceptionally(exception);
                }
              });
    }
    CompletableFuture<Object> outcome = CompletableFuture.anyOf(all, firstFailure, failure);
    while (!isDone(outcome)) {
      console.draw(starting());
    }
    console.draw(List.of());
    if (failure.isDone()) {
      throw new CommandException(failure.join());
    }
  }

  private static boolean isDone(CompletableFuture<Object> outcome) {
    try {
      outcome.get(200, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new CommandException(String.valueOf(cause.getMessage()), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while the stack was starting", e);
    }
  }

  private synchronized List<String> starting() {
    return members.values().stream()
        .filter(member -> member.process != null && !member.ready)
        .map(
            member ->
                String.format(
                    Locale.ROOT, "  %-18s starting for %3.0f s", member.name, seconds(member)))
        .toList();
  }

  private static double seconds(Member member) {
    return (System.nanoTime() - member.began) / 1e9;
  }

  /** Whether the service says so itself. */
  boolean isReady(Service service) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url(service) + "/actuator/health/readiness"))
            .timeout(ANSWER_TIMEOUT)
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while waiting for " + service.moduleName(), e);
    }
  }

  /** SIGKILL; the stack stays up and waits for {@link #restart}. */
  void kill(Service service) {
    ChildProcess process;
    synchronized (this) {
      Member member = member(service.moduleName());
      process = Objects.requireNonNull(member.process, "not started");
      member.process = null;
      member.ready = false;
    }
    process.kill();
  }

  /** Starts a killed service again, on its port and its state; returns when it is ready. */
  void restart(Service service) {
    startService(service);
  }

  private synchronized Member member(String name) {
    return Objects.requireNonNull(members.get(name), name);
  }

  private int port(String name) {
    return member(name).port;
  }

  private synchronized String url(String name) {
    return member(name).url;
  }

  /** Base of the service's REST interface. */
  String url(Service service) {
    return url(service.moduleName());
  }

  String bootstrapServers() {
    return url(KAFKA);
  }

  String registryUrl() {
    return url(REGISTRY);
  }

  SchemaRegistry registry() {
    return new SchemaRegistry(registryUrl(), REGISTRY_PATIENCE);
  }

  ArtifactStore artifactStore() {
    return new ArtifactStore(home.artifacts());
  }

  Home home() {
    return home;
  }

  /** Names of the models that were activated at the start. */
  List<String> models() {
    return List.copyOf(models);
  }

  /** Completes, with a message for the user, when a process ends that should not. */
  CompletableFuture<String> failure() {
    return failure;
  }

  /** What {@code stack.json} says. */
  synchronized StackFile description() {
    List<Part> parts = new ArrayList<>();
    for (Member member : members.values()) {
      ChildProcess process = member.process;
      if (process != null) {
        ProcessId id =
            ProcessHandle.of(process.pid())
                .map(ProcessId::of)
                .orElse(new ProcessId(process.pid(), 0));
        parts.add(
            new Part(
                member.name,
                id,
                member.port,
                member.url,
                member.ready,
                home.log(member.name).toString()));
      }
    }
    return new StackFile(
        ProcessId.of(ProcessHandle.current()),
        ready,
        bootstrapServers(),
        registryUrl(),
        url(REDIS),
        home.artifacts().toString(),
        home.logs().toString(),
        parts);
  }

  private void writeDown() {
    description().write(home.stackFile());
  }

  /** Ends the services, then what they need; waits for each. */
  @Override
  public void close() {
    synchronized (closingLock) {
      if (closed) {
        return;
      }
      synchronized (this) {
        closing = true;
      }
      List<String> services =
          new ArrayList<>(Stream.of(Service.values()).map(Service::moduleName).toList());
      Collections.reverse(services);
      stop(services);
      stop(List.of(REGISTRY, REDIS));
      stop(List.of(KAFKA));
      deleteStackFile();
      release(lock);
      threads.shutdown();
      closed = true;
    }
  }

  private void stop(List<String> names) {
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

  private void deleteStackFile() {
    try {
      Files.deleteIfExists(home.stackFile());
    } catch (IOException e) {
      throw new CommandException("Cannot delete " + home.stackFile(), e);
    }
  }

  private static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new CommandException("Cannot release the lock of the stack", e);
    }
  }
}

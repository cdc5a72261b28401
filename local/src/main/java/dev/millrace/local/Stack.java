package dev.millrace.local;

import static dev.millrace.local.Members.CONNECT;
import static dev.millrace.local.Members.KAFKA;
import static dev.millrace.local.Members.REDIS;
import static dev.millrace.local.Members.REGISTRY;

import dev.millrace.core.Activation;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.LocalRedis;
import dev.millrace.servers.LocalRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * Everything that runs: Kafka, the schema registry, Redis, the four services and Kafka Connect,
 * each a process on free ports of 127.0.0.1. They end with {@link #close()}, and with this JVM
 * however it ends.
 *
 * <p>One per {@link Home}. A new one forgets what an earlier one wrote.
 */
final class Stack implements AutoCloseable, Kills.Target {

  static final int PARTITIONS = 4;

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(30);
  private static final int LOG_LINES = 20;
  private static final long WATCHED_EVERY_SECONDS = 5;

  /** So that what is looked at is in the lake soon; a cluster has better commit less often. */
  private static final Map<String, String> LANDED_SOON = Map.of("flush.interval.ms", "5000");

  private static final String BUNDLED = "comes with Millrace";

  private final Home home;
  private final Console console;
  private final HomeClaim claim;
  private final Members members;
  private final Programs programs;
  private final SideBySide sideBySide;
  private final ServiceClient services = new ServiceClient();
  private final List<String> models = new ArrayList<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "stack");
            thread.setDaemon(true);
            return thread;
          });
  private final Object closingLock = new Object();
  private final Set<String> failuresTold = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "connectors");
            thread.setDaemon(true);
            return thread;
          });
  private boolean closed;

  private Stack(Home home, Console console, HomeClaim claim, Tuning tuning) {
    this.home = home;
    this.console = console;
    this.claim = claim;
    this.members = new Members(home, console);
    this.programs = new Programs(home, members, tuning);
    this.sideBySide = new SideBySide(members, console, threads);
  }

  /**
   * Claims the home and empties it; starts nothing.
   *
   * @throws CommandException if another stack has it
   */
  static Stack claim(Home home, Console console) {
    return claim(home, console, Tuning.NONE);
  }

  /** As {@link #claim(Home, Console)}, for processes that are given more than they need. */
  static Stack claim(Home home, Console console, Tuning tuning) {
    return new Stack(home, console, HomeClaim.of(home, console), tuning);
  }

  /**
   * Returns when everything is ready.
   *
   * @throws CommandException if something could not be started; then close this
   */
  void start() {
    startServers();
    startServices();
  }

  /** The first half: all but the services, with the topics, and what is bundled active. */
  void startServers() {
    members.announce();
    programs.requireBuilt();
    List<Artifact> bundled = bundled();
    sideBySide.run(List.of(this::startKafka, this::startRegistry, this::startRedis));
    createTopics();
    activate(bundled);
  }

  /**
   * The second half: the services. Connect comes behind them, and lands what they have written
   * until then, too: a score is waited for, and a table is not.
   */
  void startServices() {
    startServices(List.of(Service.values()));
    members.allReady();
    threads.execute(this::startConnect);
    watch.scheduleWithFixedDelay(
        this::tellFailures, WATCHED_EVERY_SECONDS, WATCHED_EVERY_SECONDS, TimeUnit.SECONDS);
  }

  /** A connector that fails leaves its process alive; it is told once for each reason. */
  private void tellFailures() {
    connectors().failures().values().stream().filter(failuresTold::add).forEach(console::say);
  }

  /** Only these, side by side; a stack without one of the others works as far as it goes. */
  void startServices(List<Service> some) {
    sideBySide.run(some.stream().<Runnable>map(service -> () -> startService(service)).toList());
  }

  /** Ends a service in order, as something that was expected. */
  void end(Service service) {
    members.end(service.moduleName());
  }

  private void startKafka() {
    ChildProcess process = members.launch(KAFKA, programs.kafka());
    process.awaitReady(
        START_TIMEOUT, () -> process.logTail(LOG_LINES).contains("Kafka is ready at"));
    members.ready(KAFKA);
  }

  private void startRegistry() {
    members.begin(REGISTRY);
    Path directory = home.work().resolve(REGISTRY);
    LocalRegistry registry = LocalRegistry.startDurable(directory, members.port(REGISTRY));
    members.adopt(REGISTRY, registry.process(), registry.url());
    home.linkLog(REGISTRY, registry.process().log());
    members.ready(REGISTRY);
  }

  private void startRedis() {
    members.begin(REDIS);
    Path directory = home.work().resolve(REDIS);
    LocalRedis redis = LocalRedis.start(directory, members.port(REDIS));
    members.adopt(REDIS, redis.process(), redis.uri());
    home.linkLog(REDIS, redis.process().log());
    members.ready(REDIS);
  }

  private void startService(Service service) {
    ChildProcess process = members.launch(service.moduleName(), programs.service(service));
    process.awaitReady(START_TIMEOUT, () -> services.isReady(url(service)));
    members.ready(service.moduleName());
  }

  private void startConnect() {
    try {
      ChildProcess process =
          members.launch(CONNECT, programs.connect(), programs.connectEnvironment());
      process.awaitReady(START_TIMEOUT, connectors()::isReady);
      connectors().create(home.connectors(), LANDED_SOON);
      members.ready(CONNECT);
    } catch (RuntimeException e) {
      members.fail(String.valueOf(e.getMessage()));
    }
  }

  /** What lands topics in the lake. */
  Connectors connectors() {
    return new Connectors(members.url(CONNECT));
  }

  private void createTopics() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      KafkaTopics.create(Topics.ALL, PARTITIONS, admin);
    }
  }

  /** Read before anything is started, since someone may have just made a mistake in one. */
  private List<Artifact> bundled() {
    List<Artifact> bundled = new ArrayList<>();
    DeclaredVersions versions = new DeclaredVersions();
    for (Path declaration : home.bundledDeclarations()) {
      Artifact artifact = Artifact.kept(declaration, artifactStore());
      if (artifact.declaredVersion().isPresent()) {
        int version = artifact.declaredVersion().getAsInt();
        versions
            .add(declaration, artifact.kind(), artifact.name(), version)
            .ifPresent(
                problem -> {
                  throw new CommandException(problem);
                });
      }
      bundled.add(artifact);
    }
    return bundled;
  }

  private void activate(List<Artifact> artifacts) {
    Activator activator = new Activator(bootstrapServers(), registry(), artifactStore());
    for (Artifact artifact : artifacts) {
      activator.activate(artifact, System.getProperty("user.name"), BUNDLED);
      if (artifact.kind().equals(Activation.MODEL)) {
        models.add(artifact.name());
      }
    }
  }

  @Override
  public void kill(Service service) {
    members.kill(service.moduleName());
  }

  @Override
  public void restart(Service service) {
    startService(service);
  }

  /** As {@link #kill(Service)}. */
  void killRegistry() {
    members.kill(REGISTRY);
  }

  /** Starts it again, on its port; ids mean what they meant. */
  void restartRegistry() {
    startRegistry();
  }

  /** Base of the service's REST interface. */
  String url(Service service) {
    return members.url(service.moduleName());
  }

  String bootstrapServers() {
    return members.url(KAFKA);
  }

  String registryUrl() {
    return members.url(REGISTRY);
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
    return members.failure();
  }

  /** What {@code stack.json} says. */
  StackFile description() {
    return members.description();
  }

  /** Ends the services, then what they need; waits for each. */
  @Override
  public void close() {
    synchronized (closingLock) {
      if (closed) {
        return;
      }
      members.refuseMore();
      watch.shutdownNow();
      Stream<String> services = Stream.of(Service.values()).map(Service::moduleName);
      members.stop(Stream.concat(services, Stream.of(CONNECT)).toList(), threads);
      members.stop(List.of(REGISTRY, REDIS), threads);
      members.stop(List.of(KAFKA), threads);
      deleteStackFile();
      claim.close();
      threads.shutdown();
      closed = true;
    }
  }

  private void deleteStackFile() {
    try {
      Files.deleteIfExists(home.stackFile());
    } catch (IOException e) {
      throw new CommandException("Cannot delete " + home.stackFile(), e);
    }
  }
}

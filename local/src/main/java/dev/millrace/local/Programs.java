package dev.millrace.local;

import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.LocalBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The commands that start Kafka, Connect and the services, as one machine needs them. */
final class Programs {

  // Start quickly and stay small: C1 only, one thread for garbage. Production chooses otherwise.
  private static final List<String> SMALL_JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xss512k",
          "-XX:+ExitOnOutOfMemoryError");
  private static final List<String> KAFKA_JVM = List.of("-Xmx256m", "-XX:MaxMetaspaceSize=128m");
  private static final List<String> CONNECT_JVM = List.of("-Xmx256m", "-XX:MaxMetaspaceSize=192m");

  private static final List<String> SERVICE_JVM = List.of("-Xmx256m", "-XX:MaxMetaspaceSize=192m");

  private final Home home;
  private final Members members;
  private final Tuning tuning;

  Programs(Home home, Members members, Tuning tuning) {
    this.home = home;
    this.members = members;
    this.tuning = tuning;
  }

  /**
   * Before anything is started.
   *
   * @throws CommandException if a service has not been built
   */
  void requireBuilt() {
    for (Service service : Service.values()) {
      home.jar(service);
    }
    home.connectClasspath();
    home.connectPlugins();
  }

  List<String> kafka() {
    return java(
        Members.KAFKA,
        KAFKA_JVM,
        kafkaArguments(members.port(Members.KAFKA), home.work().resolve(Members.KAFKA)));
  }

  /** The same Kafka, on another port and in another directory. */
  static List<String> kafka(int port, Path data) {
    return java(KAFKA_JVM, List.of(), kafkaArguments(port, data));
  }

  private static List<String> kafkaArguments(int port, Path data) {
    return List.of(
        "-Dlogback.configurationFile=dev/millrace/local/kafka-logback.xml",
        "-cp",
        System.getProperty("java.class.path"),
        LocalBroker.class.getName(),
        "--port",
        Integer.toString(port),
        "--data",
        data.toString());
  }

  List<String> service(Service service) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-Djava.io.tmpdir=" + temporary(service),
                "-jar",
                home.jar(service).toString(),
                "--server.address=" + Members.HOST,
                "--server.port=" + members.port(service.moduleName()),
                "--millrace.bootstrap-servers=" + members.url(Members.KAFKA),
                "--millrace.registry-url=" + members.url(Members.REGISTRY),
                "--millrace.artifact-store=" + home.artifacts(),
                "--millrace.instance-id=local",
                "--millrace.state-dir=" + home.work().resolve("state")));
    if (service == Service.INGEST) {
      arguments.add("--millrace.ingest.landing=" + home.landing());
    }
    if (service == Service.CLEANSING) {
      arguments.add("--millrace.cleansing.pii-keys=" + home.piiKeys());
    }
    if (service == Service.SCORING) {
      arguments.add("--millrace.scoring.redis-uri=" + members.url(Members.REDIS));
    }
    arguments.addAll(tuning.arguments(service.moduleName()));
    return java(service.moduleName(), SERVICE_JVM, arguments);
  }

  /** A worker, with the settings that it needs written down beside it. */
  List<String> connect() {
    Path settings = home.work().resolve(Members.CONNECT).resolve("worker.properties");
    try {
      Files.createDirectories(settings.getParent());
      Files.write(
          settings,
          connectSettings(
              members.url(Members.KAFKA),
              members.url(Members.CONNECT),
              home.connectPlugins(),
              "connect"));
    } catch (IOException e) {
      throw new CommandException("Cannot write " + settings, e);
    }
    return java(Members.CONNECT, CONNECT_JVM, connectArguments(home, settings));
  }

  /** The same worker, with settings that are elsewhere. */
  static List<String> connect(Home home, Path settings) {
    return java(CONNECT_JVM, List.of(), connectArguments(home, settings));
  }

  private static List<String> connectArguments(Home home, Path settings) {
    return List.of(
        "-cp",
        home.connectClasspath(),
        "org.apache.kafka.connect.cli.ConnectDistributed",
        settings.toString());
  }

  /**
   * The lines of a worker's settings.
   *
   * @param kafka its address
   * @param url where the worker listens
   * @param plugins where it finds the sink
   * @param group names its cluster, and with it the topics in which that keeps its own
   */
  static List<String> connectSettings(String kafka, String url, Path plugins, String group) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "bootstrap.servers=" + kafka,
                "group.id=" + group,
                "listeners=" + url,
                "plugin.path=" + plugins,
                "plugin.discovery=service_load",
                "key.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
                "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
                "offset.flush.interval.ms=1000",
                "config.providers=env",
                "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
                "config.providers.env.param.allowlist.pattern=MILLRACE_.*"));
    for (String storage : List.of("config", "offset", "status")) {
      settings.add("%s.storage.topic=%s-%ss".formatted(storage, group, storage));
      settings.add("%s.storage.replication.factor=1".formatted(storage));
    }
    settings.add("offset.storage.partitions=1");
    settings.add("status.storage.partitions=1");
    return settings;
  }

  /** What connectors ask for in their declarations. */
  Map<String, String> connectEnvironment() {
    return Map.of(
        "MILLRACE_BOOTSTRAP_SERVERS",
        members.url(Members.KAFKA),
        "MILLRACE_REGISTRY_URL",
        members.url(Members.REGISTRY),
        "MILLRACE_LAKE_URI",
        home.lake().toUri().toString());
  }

  private Path temporary(Service service) {
    try {
      return Files.createDirectories(home.work().resolve("tmp").resolve(service.moduleName()));
    } catch (IOException e) {
      throw new CommandException("Cannot create a directory in " + home.work(), e);
    }
  }

  private List<String> java(String process, List<String> flags, List<String> arguments) {
    return java(flags, tuning.jvm(process), arguments);
  }

  private static List<String> java(List<String> flags, List<String> tuned, List<String> arguments) {
    return ChildProcess.java(
        Stream.of(SMALL_JVM, flags, tuned, arguments).flatMap(List::stream).toList());
  }
}

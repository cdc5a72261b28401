package dev.millrace.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where things are.
 *
 * @param root the tree that holds the services' jars and the declarations
 * @param work what a stack writes; emptied when one starts
 * @param version of the jars
 */
record Home(Path root, Path work, String version) {

  static final String ROOT_PROPERTY = "millrace.home";
  static final String WORK_PROPERTY = "millrace.work";
  static final String VERSION_PROPERTY = "millrace.version";

  static final String TEST_SUFFIX = "_test.yaml";

  private static final String OWN_LOG = "millrace.log";

  /** As the system properties say that ./millrace sets. */
  static Home ofThisJvm() {
    Path root = Path.of(required(ROOT_PROPERTY)).toAbsolutePath().normalize();
    @Nullable String work = System.getProperty(WORK_PROPERTY);
    return new Home(
        root,
        work == null ? root.resolve("target").resolve("millrace") : Path.of(work).toAbsolutePath(),
        required(VERSION_PROPERTY));
  }

  private static String required(String property) {
    @Nullable String value = System.getProperty(property);
    if (value == null || value.isBlank()) {
      throw new CommandException(
          "The system property %s is not set; start this program as ./millrace, which sets it."
              .formatted(property));
    }
    return value;
  }

  /**
   * The service's executable jar.
   *
   * @throws CommandException if it has not been built
   */
  Path jar(Service service) {
    return required(service.moduleName(), service.jar(root, version));
  }

  /**
   * The class path of Kafka Connect's worker.
   *
   * @throws CommandException if it has not been built
   */
  String connectClasspath() {
    Path target = root.resolve("connect-worker").resolve("target");
    Path lib = required("connect-worker", target.resolve("lib"));
    return target.resolve("classes") + File.pathSeparator + lib.resolve("*");
  }

  /**
   * Where Connect finds the sink.
   *
   * @throws CommandException if it has not been built
   */
  Path connectPlugins() {
    Path target = root.resolve("delta-sink").resolve("target");
    return required("delta-sink", target.resolve("delta-sink-%s-plugin".formatted(version)));
  }

  /**
   * What the sink is made of.
   *
   * @throws CommandException if it has not been built
   */
  List<Path> sinkJars() {
    return children(connectPlugins().resolve("delta-sink-" + version).resolve("lib"));
  }

  /**
   * A log store for the sink that fails when it is told to; for proofs, and no part of the sink.
   *
   * @throws CommandException if it has not been built
   */
  Path sinkFaults() {
    Path target = root.resolve("delta-sink").resolve("target");
    return required("delta-sink", target.resolve("delta-sink-%s-faults.jar".formatted(version)));
  }

  /** What reads the lake's tables: the sink's own libraries, and Kafka's that Connect gives it. */
  String lakeClasspath() {
    Path sink = connectPlugins().resolve("delta-sink-" + version).resolve("lib");
    return sink.resolve("*") + File.pathSeparator + connectClasspath();
  }

  /**
   * The class path of the Spark program.
   *
   * @throws CommandException if it has not been built
   */
  String batchClasspath() {
    Path target = root.resolve("batch-backfill").resolve("target");
    Path lib = required("batch-backfill", target.resolve("lib"));
    Path jar =
        required("batch-backfill", target.resolve("batch-backfill-%s.jar".formatted(version)));
    return jar + File.pathSeparator + lib.resolve("*");
  }

  private Path required(String module, Path built) {
    if (!Files.exists(built)) {
      throw new CommandException(
          "%s has not been built: %s is missing. Run ./mvnw -DskipTests package in %s."
              .formatted(module, built, root));
    }
    return built;
  }

  /** The declarations of the connectors that land topics in the lake. */
  List<Path> connectors() {
    return children(root.resolve("delta-sink").resolve("connectors"));
  }

  /** The folder of the lake's tables. */
  Path lake() {
    return work.resolve("lake");
  }

  /**
   * What is activated when a stack starts: contracts, source mappings, feature sets, then models,
   * which need theirs; each by name.
   */
  List<Path> bundledDeclarations() {
    Stream<Path> models =
        children(schemas().resolve("models")).stream()
            .filter(directory -> Files.exists(directory.resolve("MLmodel")));
    return Stream.concat(declarationFolders().stream().flatMap(Home::declarations), models)
        .toList();
  }

  /** Where declarations are, with their tests beside them. */
  List<Path> declarationFolders() {
    return Stream.of("contracts", "sources", "feature-sets")
        .map(schemas()::resolve)
        .filter(Files::isDirectory)
        .toList();
  }

  Path schemas() {
    return root.resolve("schemas");
  }

  private static Stream<Path> declarations(Path directory) {
    return children(directory).stream()
        .filter(file -> file.toString().endsWith(".yaml"))
        .filter(file -> !isTest(file));
  }

  /** Tests stand beside what they test. */
  static boolean isTest(Path file) {
    return file.toString().endsWith(TEST_SUFFIX);
  }

  private static List<Path> children(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + directory, e);
    }
  }

  /** Beside the stack's, so that a proof leaves a running stack alone. */
  Home forProofs() {
    return new Home(root, work.resolveSibling("prove"), version);
  }

  Path logs() {
    return work.resolve("logs");
  }

  Path log(String process) {
    return logs().resolve(process + ".log");
  }

  /** Keys for this machine alone; no secrets. */
  Path piiKeys() {
    return root.resolve("local").resolve("pii-keys");
  }

  Path artifacts() {
    return work.resolve("artifacts");
  }

  /** Files that are put into it below the name of their source are taken in. */
  Path landing() {
    return work.resolve("landing");
  }

  Path stackFile() {
    return work.resolve("stack.json");
  }

  Path lockFile() {
    return work.resolve("lock");
  }

  /** Beside the summary: which scores there were, to compare runs by. */
  Path scoreSetFile() {
    return summaryFile().resolveSibling("score-set.txt");
  }

  Path summaryFile() {
    return work.resolveSibling("demo").resolve("summary.json");
  }

  /** All logs are found in one place, also that of a process which puts its own elsewhere. */
  void linkLog(String process, Path log) {
    try {
      if (!Files.isSymbolicLink(log(process))) {
        Files.createSymbolicLink(log(process), logs().relativize(log));
      }
    } catch (IOException e) {
      throw new CommandException("Cannot link the log %s into %s".formatted(log, logs()), e);
    }
  }

  /** Deletes a directory with all that is in it, if it is there. */
  static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> left = Files.walk(directory)) {
      for (Path path : left.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new CommandException("Cannot delete %s: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /** Deletes what the last stack left, except the lock and this program's own log. */
  void clear() {
    try {
      Files.createDirectories(logs());
      try (Stream<Path> left = Files.walk(work)) {
        List<Path> deepestFirst =
            left.filter(path -> !path.equals(work) && !path.equals(logs()))
                .filter(path -> !path.equals(lockFile()) && !path.equals(logs().resolve(OWN_LOG)))
                .sorted((a, b) -> b.compareTo(a))
                .toList();
        for (Path path : deepestFirst) {
          Files.deleteIfExists(path);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new CommandException(
          "Cannot empty %s, where the last stack kept its data: %s. Delete that directory and try again."
              .formatted(work, e.getMessage()),
          e);
    }
  }
}

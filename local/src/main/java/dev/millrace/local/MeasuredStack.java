package dev.millrace.local;

import dev.millrace.schemas.SchemaRegistry;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * What {@code ./millrace up} starts, for a program that measures it: the services that it names,
 * with what it tunes. One per working directory; what an earlier one wrote there is forgotten.
 */
public final class MeasuredStack implements AutoCloseable {

  /** Partitions of each topic. */
  public static final int PARTITIONS = Stack.PARTITIONS;

  private final Stack stack;

  private MeasuredStack(Stack stack) {
    this.stack = stack;
  }

  /** Names of the services, in the order of the flow. */
  public static List<String> services() {
    return Stream.of(Service.values()).map(Service::moduleName).toList();
  }

  /**
   * Returns when Kafka, the registry and Redis are ready, the topics are there and what is bundled
   * is active; no service runs.
   *
   * @param root the tree that holds the services' jars and the declarations
   * @param work where it may write; emptied
   * @param version of the jars
   * @param out is told what became ready
   */
  public static MeasuredStack start(
      Path root, Path work, String version, PrintStream out, Tuning tuning) {
    Stack stack = Stack.claim(new Home(root, work, version), new Console(out, false), tuning);
    try {
      stack.startServers();
      return new MeasuredStack(stack);
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /** Starts services by name; returns when they are ready. */
  public void startServices(List<String> names) {
    stack.startServices(
        Stream.of(Service.values())
            .filter(service -> names.contains(service.moduleName()))
            .toList());
  }

  /** Ends a service by name; what it wrote is kept. */
  public void end(String name) {
    Stream.of(Service.values())
        .filter(service -> service.moduleName().equals(name))
        .forEach(stack::end);
  }

  public String bootstrapServers() {
    return stack.bootstrapServers();
  }

  public String registryUrl() {
    return stack.registryUrl();
  }

  /** Offset of the last activation; what is bundled is active at it. */
  public long lastActivation() {
    return ActivationLog.read(stack.bootstrapServers(), stack.registry()).lastOffset();
  }

  public SchemaRegistry registry() {
    return stack.registry();
  }

  /**
   * The process of a service, {@code kafka}, {@code registry} or {@code redis}.
   *
   * @throws IllegalArgumentException if it does not run
   */
  public long processId(String name) {
    return stack
        .description()
        .part(name)
        .map(part -> part.process().pid())
        .orElseThrow(() -> new IllegalArgumentException(name + " does not run"));
  }

  /** Completes, with a message for the user, when a process ends that should not. */
  public CompletableFuture<String> failure() {
    return stack.failure();
  }

  /** Ends all that runs; waits for each. */
  @Override
  public void close() {
    stack.close();
  }
}

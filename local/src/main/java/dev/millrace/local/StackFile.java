package dev.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The running stack, written down so that other commands find it.
 *
 * @param owner the {@code ./millrace} that keeps it up
 * @param ready whether all its processes are
 */
record StackFile(
    ProcessId owner,
    boolean ready,
    String bootstrapServers,
    String registryUrl,
    String redisUri,
    String artifactStore,
    String logs,
    List<Part> parts) {

  /**
   * A process that can be told from a later one with the same pid.
   *
   * @param startedAt epoch millis as the system tells; 0 if it does not
   */
  record ProcessId(long pid, long startedAt) {

    // The system counts from its boot, whose time moves a little when the clock is set.
    private static final long TOLERANCE_MS = 2_000;

    static ProcessId of(ProcessHandle process) {
      return new ProcessId(process.pid(), startOf(process));
    }

    boolean isAlive() {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(process -> Math.abs(startOf(process) - startedAt) <= TOLERANCE_MS)
          .isPresent();
    }

    private static long startOf(ProcessHandle process) {
      return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
  }

  /**
   * One process of the stack.
   *
   * @param url where it is reached
   * @param log what it prints
   */
  record Part(String name, ProcessId process, int port, String url, boolean ready, String log) {}

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  StackFile {
    parts = List.copyOf(parts);
  }

  static Optional<StackFile> read(Path file) {
    try {
      return Optional.of(JSON.readValue(file.toFile(), StackFile.class));
    } catch (JsonProcessingException unfinished) {
      return Optional.empty();
    } catch (IOException e) {
      if (e instanceof NoSuchFileException || !Files.exists(file)) {
        return Optional.empty();
      }
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /**
   * The stack that is up and ready.
   *
   * @throws CommandException if none is
   */
  static StackFile ofRunningStack(Home home) {
    StackFile stack =
        read(home.stackFile())
            .filter(file -> file.owner().isAlive())
            .orElseThrow(
                () ->
                    new CommandException(
                        "No stack is running here (%s names none). Start one in another terminal: ./millrace up"
                            .formatted(home.stackFile())));
    if (!stack.ready()) {
      throw new CommandException(
          "The stack of process %d is still starting. Wait until ./millrace up says that it is ready."
              .formatted(stack.owner().pid()));
    }
    return stack;
  }

  /** Readers see all of it or what was there before. */
  void write(Path file) {
    try {
      Path unfinished = file.resolveSibling(file.getFileName() + ".part");
      JSON.writeValue(unfinished.toFile(), this);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  /** Ports by process. */
  Map<String, Integer> ports() {
    Map<String, Integer> ports = new TreeMap<>();
    parts.forEach(part -> ports.put(part.name(), part.port()));
    return ports;
  }

  /** The process of that service. */
  Optional<Part> part(Service service) {
    return part(service.moduleName());
  }

  /** The process of that name. */
  Optional<Part> part(String name) {
    return parts.stream().filter(part -> part.name().equals(name)).findFirst();
  }
}

package dev.millrace.local;

import dev.millrace.local.StackFile.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The services of a running stack, which read the activation log each by itself: what stands there
 * is in force when all of them have come that far.
 */
final class ActivationReaders {

  private static final Duration POLL = Duration.ofMillis(50);

  private final List<Part> services;
  private final ServiceClient client;
  private final Console console;

  ActivationReaders(StackFile stack, ServiceClient client, Console console) {
    this.services =
        Stream.of(Service.values()).flatMap(service -> stack.part(service).stream()).toList();
    this.client = client;
    this.console = console;
  }

  /**
   * Returns when each has read the log up to the offset; says how many they are.
   *
   * @throws CommandException if one has not in that time
   */
  void await(long offset, Duration patience) {
    long start = System.nanoTime();
    Map<Part, OptionalLong> behind = behind(services, offset);
    while (!behind.isEmpty()) {
      console.draw(List.of("  waiting until it is read by " + names(behind)));
      if (System.nanoTime() - start > patience.toNanos()) {
        console.draw(List.of());
        throw late(offset, patience, behind);
      }
      pause();
      behind = behind(List.copyOf(behind.keySet()), offset);
    }
    console.draw(List.of());
    console.say("Active in all %s.".formatted(Plural.of(services.size(), "service")));
  }

  private Map<Part, OptionalLong> behind(List<Part> asked, long offset) {
    Map<Part, OptionalLong> behind = new LinkedHashMap<>();
    for (Part service : asked) {
      OptionalLong read = client.activationsOffset(service.url());
      if (read.isEmpty() || read.getAsLong() < offset) {
        behind.put(service, read);
      }
    }
    return behind;
  }

  private static String names(Map<Part, OptionalLong> behind) {
    return behind.keySet().stream().map(Part::name).collect(Collectors.joining(", "));
  }

  private static CommandException late(
      long offset, Duration patience, Map<Part, OptionalLong> behind) {
    List<String> each = new ArrayList<>();
    behind.forEach(
        (service, read) ->
            each.add(
                "%s %s, see %s"
                    .formatted(
                        service.name(),
                        read.isEmpty()
                            ? "does not say how far it is"
                            : "has read to offset " + read.getAsLong(),
                        service.log())));
    return new CommandException(
        "The activation stands on the log, at offset %d, but after %d s it is not active everywhere: %s. The same command again waits on."
            .formatted(offset, patience.toSeconds(), String.join("; ", each)));
  }

  private static void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while waiting for the services", e);
    }
  }
}

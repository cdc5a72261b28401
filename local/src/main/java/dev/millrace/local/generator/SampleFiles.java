package dev.millrace.local.generator;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Writes what was generated, and apart the truth about it: as many lines, line for line.
 *
 * <p>Files get their names when all of them are complete; until then they are named {@code
 * .partial}. An interrupted run leaves those, and the next one writes them anew.
 */
public final class SampleFiles {

  /**
   * How many lines there are of each kind and outcome.
   *
   * @param outcomes all lines
   * @param kinds irregular lines
   */
  public record Written(Map<Expectation.Outcome, Long> outcomes, SortedMap<Kind, Long> kinds) {}

  public static final String EVENTS = "events.ndjson";
  public static final String TRUTH = "truth.ndjson";
  public static final String USERS = "users.ndjson";
  public static final String RINGS = "rings.ndjson";

  /** Events are the last to get their name: where they are, the others belong to them. */
  private static final List<String> IN_ORDER_OF_NAMING = List.of(TRUTH, USERS, RINGS, EVENTS);

  private static final int BUFFER = 1 << 16;

  private final Path directory;

  /**
   * @param directory made if it isn't there; files of these names in it are replaced
   */
  public SampleFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Writes all files, or none.
   *
   * @param progress is told the number of lines written so far
   */
  public Written write(Plan plan, LongConsumer progress) throws IOException {
    Files.createDirectories(directory);
    try {
      GeneratedEvents events = new GeneratedEvents(plan);
      Written written = writeLines(events, progress);
      write(USERS, events.users());
      write(RINGS, events.rings());
      Files.deleteIfExists(directory.resolve(EVENTS));
      for (String name : IN_ORDER_OF_NAMING) {
        Files.move(
            partial(name),
            directory.resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      return written;
    } finally {
      for (String name : IN_ORDER_OF_NAMING) {
        Files.deleteIfExists(partial(name));
      }
    }
  }

  private Written writeLines(Iterator<GeneratedEvent> events, LongConsumer progress)
      throws IOException {
    Map<Expectation.Outcome, Long> outcomes = new EnumMap<>(Expectation.Outcome.class);
    SortedMap<Kind, Long> kinds = new TreeMap<>();
    try (OutputStream lines = open(EVENTS);
        OutputStream truth = open(TRUTH)) {
      for (long count = 1; events.hasNext(); count++) {
        GeneratedEvent event = events.next();
        writeLine(lines, event.line());
        writeLine(truth, Json.bytes(event.expectation().json()));
        outcomes.merge(event.expectation().outcome(), 1L, Long::sum);
        Kind kind = event.expectation().kind();
        if (kind != null) {
          kinds.merge(kind, 1L, Long::sum);
        }
        progress.accept(count);
      }
    }
    return new Written(outcomes, kinds);
  }

  private void write(String name, Stream<byte[]> lines) throws IOException {
    try (OutputStream out = open(name)) {
      for (byte[] line : (Iterable<byte[]>) lines::iterator) {
        writeLine(out, line);
      }
    }
  }

  private static void writeLine(OutputStream out, byte[] line) throws IOException {
    out.write(line);
    out.write('\n');
  }

  private OutputStream open(String name) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(partial(name)), BUFFER);
  }

  private Path partial(String name) {
    return directory.resolve(name + ".partial");
  }
}

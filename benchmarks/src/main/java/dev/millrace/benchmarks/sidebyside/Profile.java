package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Where the time of recorded processes went: samples by thread, by method, by package of ours. */
final class Profile {

  private static final int MOST_LINES = 30;
  private static final String SUFFIX = ".jfr";

  /** Starts the program, and is not at work afterwards. */
  private static final String STARTER = "main";

  private static final int PARTS_OF_A_PACKAGE = 4;

  private final Map<String, Integer> threads = new HashMap<>();
  private final Map<String, Integer> methods = new HashMap<>();
  private final Map<String, Integer> callers = new HashMap<>();
  private final Map<String, Integer> packages = new HashMap<>();
  private int samples;

  private Profile() {}

  /** Writes a summary beside each recording. */
  static void summarize(Path directory, PrintStream out) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(one -> one.toString().endsWith(SUFFIX)).sorted().toList()) {
        Profile profile = new Profile();
        try (RecordingFile recording = new RecordingFile(file)) {
          while (recording.hasMoreEvents()) {
            profile.add(recording.readEvent());
          }
        }
        Path summary = file.resolveSibling(file.getFileName().toString().replace(SUFFIX, ".txt"));
        Files.writeString(summary, profile.text());
        out.println("  profile: " + summary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the recordings in " + directory, e);
    }
  }

  private void add(RecordedEvent event) {
    boolean inJava = event.getEventType().getName().equals("jdk.ExecutionSample");
    @Nullable RecordedStackTrace trace = event.getStackTrace();
    if (!inJava || trace == null || trace.getFrames().isEmpty()) {
      return;
    }
    @Nullable RecordedThread thread = event.getThread("sampledThread");
    String name = thread == null ? "unknown" : String.valueOf(thread.getJavaName());
    if (name.equals(STARTER)) {
      return;
    }
    samples++;
    count(threads, kind(name));
    count(methods, name(trace.getFrames().get(0).getMethod()));
    count(callers, ours(trace.getFrames()));
    count(packages, owner(trace.getFrames()));
  }

  /** Threads of a kind differ by numbers and ids only. */
  static String kind(String thread) {
    return thread.replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "*").replaceAll("\\d+", "*");
  }

  /** The innermost method of ours that was at work. */
  private static String ours(List<RecordedFrame> frames) {
    return frames.stream()
        .map(frame -> name(frame.getMethod()))
        .filter(name -> name.startsWith("dev.millrace."))
        .findFirst()
        .orElse("none of ours");
  }

  /** The package of the innermost method that is not the JDK's, which worked for it. */
  private static String owner(List<RecordedFrame> frames) {
    return frames.stream()
        .map(frame -> frame.getMethod().getType().getName())
        .filter(type -> !type.startsWith("java.") && !type.startsWith("jdk."))
        .findFirst()
        .map(Profile::packageOf)
        .orElse("the JDK alone");
  }

  static String packageOf(String type) {
    List<String> parts = List.of(type.split("\\."));
    return String.join(
        ".", parts.subList(0, Math.max(1, Math.min(PARTS_OF_A_PACKAGE, parts.size() - 1))));
  }

  private static String name(RecordedMethod method) {
    return method.getType().getName() + "." + method.getName();
  }

  private static void count(Map<String, Integer> counts, String name) {
    counts.merge(name, 1, Integer::sum);
  }

  private String text() {
    return "%d samples of Java code after the start; what native code, the collector and the compilers take is not among them%n%n"
            .formatted(samples)
        + section("by thread", threads)
        + section("by package, the JDK's time counted to its caller", packages)
        + section("by method", methods)
        + section("by the innermost method of ours", callers);
  }

  private String section(String title, Map<String, Integer> counts) {
    StringBuilder lines = new StringBuilder(title + "\n");
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MOST_LINES)
        .forEach(
            entry ->
                lines.append(
                    String.format(
                        Locale.ROOT,
                        "  %5.1f %%  %s%n",
                        100.0 * entry.getValue() / samples,
                        entry.getKey())));
    return lines.append('\n').toString();
  }
}

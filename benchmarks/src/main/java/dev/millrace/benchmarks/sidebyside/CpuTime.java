package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * CPU time that a process has taken so far, user and system, in seconds.
 *
 * @param total of all its threads, those that have ended included
 * @param threads of those that live, by what they are for
 */
record CpuTime(double total, Map<ThreadKind, Double> threads) {

  /** Linux tells times to programs in hundredths of a second, whatever its own tick is. */
  private static final double TICKS_PER_SECOND = 100;

  /** Places behind the name, which may hold anything: state is 0, utime 11, stime 12. */
  private static final int USER = 11;

  private static final int SYSTEM = 12;

  CpuTime {
    threads = Map.copyOf(threads);
  }

  /**
   * Reads it from /proc.
   *
   * @throws IllegalStateException if the process has ended
   */
  static CpuTime of(String process, long pid) {
    Path directory = Path.of("/proc", Long.toString(pid));
    try {
      String whole = Files.readString(directory.resolve("stat"));
      Map<ThreadKind, Double> threads = new EnumMap<>(ThreadKind.class);
      try (Stream<Path> tasks = Files.list(directory.resolve("task"))) {
        for (Path task : tasks.toList()) {
          add(process, task, threads);
        }
      }
      return new CpuTime(seconds(whole), threads);
    } catch (NoSuchFileException e) {
      throw new IllegalStateException(
          "%s, process %d, has ended while it was measured".formatted(process, pid), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the CPU time of process " + pid, e);
    }
  }

  private static void add(String process, Path task, Map<ThreadKind, Double> threads)
      throws IOException {
    try {
      String stat = Files.readString(task.resolve("stat"));
      threads.merge(ThreadKind.of(process, name(stat)), seconds(stat), Double::sum);
    } catch (IOException e) {
      if (Files.exists(task)) {
        throw e;
      }
      // The thread ended meanwhile; the process's total has its time.
    }
  }

  static String name(String stat) {
    return stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  }

  static double seconds(String stat) {
    List<String> behindName = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    return (Long.parseLong(behindName.get(USER)) + Long.parseLong(behindName.get(SYSTEM)))
        / TICKS_PER_SECOND;
  }

  CpuTime minus(CpuTime before) {
    Map<ThreadKind, Double> difference = new EnumMap<>(ThreadKind.class);
    threads.forEach(
        (kind, seconds) ->
            difference.put(kind, Math.max(0, seconds - before.threads.getOrDefault(kind, 0.0))));
    return new CpuTime(total - before.total, difference);
  }
}

package dev.millrace.benchmarks.sidebyside;

import dev.millrace.local.MeasuredStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Arms of a comparison take the same events in turn, on one broker, each alone; the first of a turn
 * is the second of the next. All arms are up all the time, so what is measured is warm.
 */
final class Turns implements AutoCloseable {

  /**
   * @param in topic that it reads
   * @param out topic on which each event becomes one record
   * @param processes that work for it, by name
   */
  record Arm(String name, String in, String out, Map<String, Long> processes) {}

  /** An arm's ends in the broker. */
  private record Plumbing(Arm arm, Feed feed, Outlet outlet) {}

  private static final long LOOK_MS = 20;
  private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(800);
  private static final long TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Bench bench;
  private final MeasuredStack stack;
  private final List<Plumbing> arms;

  Turns(Bench bench, MeasuredStack stack, List<Arm> arms) {
    this.bench = bench;
    this.stack = stack;
    this.arms =
        arms.stream()
            .map(
                arm ->
                    new Plumbing(
                        arm,
                        new Feed(stack.bootstrapServers(), arm.name()),
                        new Outlet(stack.bootstrapServers(), arm.out(), MeasuredStack.PARTITIONS)))
            .toList();
  }

  /**
   * Measures turn by turn.
   *
   * @param records of a slice, for the topic of that name
   * @return samples of each arm, those of warming up left out
   */
  ByName<List<Sample>> run(
      Slices slices,
      Function<Slices.Line, Function<String, ProducerRecord<byte[], byte[]>>> records) {
    ByName<List<Sample>> samples = new ByName<>();
    arms.forEach(plumbing -> samples.put(plumbing.arm().name(), new ArrayList<>()));
    for (int turn = 0; turn < bench.size().slices(); turn++) {
      fill(slices, records);
      boolean counts = turn >= bench.size().warmUps();
      for (int i = 0; i < arms.size(); i++) {
        Plumbing next = arms.get(turn % 2 == 0 ? i : arms.size() - 1 - i);
        Sample sample = measured(next);
        if (counts) {
          samples.get(next.arm().name()).add(sample);
        }
        bench.say(
            String.format(
                Locale.ROOT,
                "  %s %d of %d  %-14s %,8.0f events/s  %6.2f µs CPU an event",
                counts ? "turn" : "warm-up",
                counts ? turn + 1 - bench.size().warmUps() : turn + 1,
                counts ? bench.size().repetitions() : bench.size().warmUps(),
                next.arm().name(),
                sample.rate(),
                sample.micros(next.arm().processes().keySet())));
      }
    }
    return samples;
  }

  private void fill(
      Slices slices,
      Function<Slices.Line, Function<String, ProducerRecord<byte[], byte[]>>> records) {
    arms.forEach(plumbing -> plumbing.feed().begin());
    for (Slices.Line line : slices.next()) {
      Function<String, ProducerRecord<byte[], byte[]>> record = records.apply(line);
      arms.forEach(plumbing -> plumbing.feed().add(record.apply(plumbing.arm().in())));
    }
    arms.forEach(plumbing -> plumbing.feed().fill());
  }

  private Sample measured(Plumbing plumbing) {
    int events = bench.size().slice();
    Map<String, Long> processes = plumbing.arm().processes();
    Map<TopicPartition, Long> before = plumbing.outlet().end();
    ByName<CpuTime> cpuBefore = cpu(processes);
    long start = System.nanoTime();
    plumbing.feed().release();

    Map<TopicPartition, Long> end = before;
    ByName<CpuTime> cpuAtEnd = cpuBefore;
    long reached = start;
    while (Outlet.distance(before, end) < events || System.nanoTime() - reached < SETTLED_NANOS) {
      pause();
      requireAlive(plumbing, start);
      Map<TopicPartition, Long> now = plumbing.outlet().end();
      if (!now.equals(end)) {
        end = now;
        reached = System.nanoTime();
        cpuAtEnd = cpu(processes);
      }
    }
    plumbing.outlet().require(events, before, end);
    ByName<CpuTime> taken = new ByName<>();
    cpuAtEnd.forEach((name, time) -> taken.put(name, time.minus(cpuBefore.get(name))));
    return new Sample((reached - start) / 1e9, events, taken);
  }

  private static ByName<CpuTime> cpu(Map<String, Long> processes) {
    ByName<CpuTime> times = new ByName<>();
    processes.forEach((name, pid) -> times.put(name, CpuTime.of(name, pid)));
    return times;
  }

  private void requireAlive(Plumbing plumbing, long start) {
    if (stack.failure().isDone()) {
      throw new IllegalStateException(stack.failure().join());
    }
    if (System.nanoTime() - start > TIMEOUT_NANOS) {
      throw new IllegalStateException(
          "%s has not worked off %d events in %d s; its log tells why"
              .formatted(
                  plumbing.arm().name(),
                  bench.size().slice(),
                  TimeUnit.NANOSECONDS.toSeconds(TIMEOUT_NANOS)));
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while measuring", e);
    }
  }

  @Override
  public void close() {
    arms.forEach(
        plumbing -> {
          plumbing.feed().close();
          plumbing.outlet().close();
        });
  }
}

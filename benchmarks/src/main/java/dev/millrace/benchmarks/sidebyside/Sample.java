package dev.millrace.benchmarks.sidebyside;

import java.util.Collection;

/**
 * What one repetition of one arm took, from the release of its events to the last committed output.
 *
 * @param cpu by process
 */
record Sample(double seconds, int events, ByName<CpuTime> cpu) {

  double rate() {
    return events / seconds;
  }

  /** CPU of one process, microseconds for each event. */
  double micros(String process) {
    return cpu.get(process).total() * 1e6 / events;
  }

  double micros(Collection<String> processes) {
    return processes.stream().mapToDouble(this::micros).sum();
  }

  /** CPU of the threads of a kind in these processes, microseconds for each event. */
  double micros(Collection<String> processes, ThreadKind kind) {
    return processes.stream()
            .mapToDouble(process -> cpu.get(process).threads().getOrDefault(kind, 0.0))
            .sum()
        * 1e6
        / events;
  }
}

package dev.millrace.benchmarks.sidebyside;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/**
 * What repetitions of a measurement gave.
 *
 * @param samples in the order in which they were taken, at least one
 */
record Spread(List<Double> samples) {

  Spread {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("Nothing was measured");
    }
  }

  static Spread of(double... samples) {
    return new Spread(java.util.Arrays.stream(samples).boxed().toList());
  }

  /** Of an even number, the mean of the two in the middle. */
  double median() {
    List<Double> sorted = samples.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  double min() {
    return samples.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  double max() {
    return samples.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }

  /** Repetition by repetition: neighbours in time met the same machine. */
  Spread with(Spread other, DoubleBinaryOperator operation) {
    if (other.samples.size() != samples.size()) {
      throw new IllegalArgumentException(
          "%d repetitions have no counterpart in %d"
              .formatted(samples.size(), other.samples.size()));
    }
    return new Spread(
        IntStream.range(0, samples.size())
            .mapToObj(i -> operation.applyAsDouble(samples.get(i), other.samples.get(i)))
            .toList());
  }

  Spread over(Spread other) {
    return with(other, (mine, others) -> mine / others);
  }

  Spread plus(Spread other) {
    return with(other, Double::sum);
  }
}

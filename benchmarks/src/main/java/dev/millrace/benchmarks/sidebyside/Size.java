package dev.millrace.benchmarks.sidebyside;

/**
 * How much is measured.
 *
 * @param repetitions that count
 * @param warmUps before them
 * @param slice events that an arm takes in one repetition
 * @param users who send them
 * @param foldEvents events folded in one repetition of what is measured without Kafka
 * @param fewUsers to be compared with many
 * @param manyUsers to be compared with few
 * @param restored users whose state is restored
 */
record Size(
    int repetitions,
    int warmUps,
    int slice,
    int users,
    int foldEvents,
    int fewUsers,
    int manyUsers,
    int restored) {

  static final Size FULL = new Size(5, 2, 300_000, 50_000, 2_000_000, 10_000, 1_000_000, 200_000);

  /** Whether everything works; the numbers mean little. */
  static final Size QUICK = new Size(1, 1, 5_000, 1_000, 100_000, 1_000, 20_000, 2_000);

  int slices() {
    return warmUps + repetitions;
  }
}

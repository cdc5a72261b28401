package dev.millrace.benchmarks.sidebyside;

import java.util.List;

/**
 * What one measurement found.
 *
 * @param conditions how it was measured, a sentence each
 */
record Measured(List<Goal> goals, List<Row> rows, List<String> conditions) {

  Measured {
    goals = List.copyOf(goals);
    rows = List.copyOf(rows);
    conditions = List.copyOf(conditions);
  }
}

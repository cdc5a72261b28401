package dev.millrace.local;

import java.util.Map;

/**
 * What the lake has, against what it should have.
 *
 * @param rows of each table
 * @param records of the topic that is landed in each table
 */
record Landed(Map<String, Long> rows, Map<String, Long> records) {

  Landed {
    rows = Map.copyOf(rows);
    records = Map.copyOf(records);
  }

  /** A row for each record, and no other. */
  boolean isWhole() {
    return rows.equals(records);
  }
}

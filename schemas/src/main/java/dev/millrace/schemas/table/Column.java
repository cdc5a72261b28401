package dev.millrace.schemas.table;

import java.util.List;

/** A column of a table, or a field of a struct in one. */
public record Column(String name, ColumnType type, boolean nullable) {

  /**
   * A table tells columns apart without regard to case.
   *
   * @throws UnfitRecordException if there is such a column
   */
  public static void requireNew(List<String> names, String name) throws UnfitRecordException {
    for (String other : names) {
      if (other.equalsIgnoreCase(name)) {
        throw new UnfitRecordException(
            "has a field %s beside the column %s; a table needs them to differ in more than case"
                .formatted(name, other));
      }
    }
  }
}

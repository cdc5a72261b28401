package dev.millrace.model;

/**
 * A model that gave no usable answer for one row; the caller quarantines that row. Neither message
 * nor cause shows a column value, because columns describe people.
 */
public final class ModelOutputException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int row;

  ModelOutputException(String model, int row, String problem) {
    super(
        "Model %s %s for row %d of the batch: its score must not be used; quarantine the row"
            .formatted(model, problem, row));
    this.row = row;
  }

  /** The first row of the batch that has no usable answer, from 0. */
  public int row() {
    return row;
  }
}

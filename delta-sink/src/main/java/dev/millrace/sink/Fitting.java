package dev.millrace.sink;

import dev.millrace.schemas.table.UnfitRecordException;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a table takes, and the columns it has then.
 *
 * @param rows without those that it cannot take
 */
record Fitting(StructType columns, List<Row> rows) {

  /**
   * @param unfit is told of each row that the table cannot take
   */
  static Fitting of(StructType table, List<Row> rows, DeadLetters unfit) {
    Map<RowShape, String> refused = new IdentityHashMap<>();
    Map<RowShape, Boolean> seen = new IdentityHashMap<>();
    StructType columns = table;
    for (Row row : rows) {
      if (seen.put(row.shape(), true) == null && !row.shape().columns().equals(columns)) {
        try {
          columns = Evolution.merged(columns, row.shape().columns());
        } catch (UnfitRecordException e) {
          refused.put(row.shape(), e.getMessage());
        }
      }
    }
    List<Row> fit = new ArrayList<>(rows.size());
    for (Row row : rows) {
      String reason = refused.get(row.shape());
      if (reason == null) {
        reason = missing(row, columns);
      }
      if (reason == null) {
        fit.add(row);
      } else {
        unfit.report(row.record(), new UnfitRecordException(reason));
      }
    }
    return new Fitting(columns, fit);
  }

  private static @Nullable String missing(Row row, StructType columns) {
    StructType shape = row.shape().columns();
    for (StructField column : columns.fields()) {
      if (!column.isNullable() && row.values()[shape.indexOf(column.getName())] == null) {
        return "has no %s, which the table requires".formatted(column.getName());
      }
    }
    return null;
  }

  /** The row's values, in the order of the columns. */
  @Nullable Object[] values(Row row) {
    StructType shape = row.shape().columns();
    return shape.equals(columns) ? row.values() : Evolution.aligned(row.values(), shape, columns);
  }
}

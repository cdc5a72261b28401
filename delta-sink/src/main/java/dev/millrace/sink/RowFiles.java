package dev.millrace.sink;

import io.delta.kernel.Transaction;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Parquet files of rows, one writer at a time, however many days the rows are of. */
final class RowFiles {

  private static final int ROWS_A_BATCH = 1024;
  private static final int INDEXED_COLUMNS = 32;

  private final Engine engine;
  private final io.delta.kernel.data.Row transaction;
  private final String dateColumn;

  RowFiles(Engine engine, io.delta.kernel.data.Row transaction, String dateColumn) {
    this.engine = engine;
    this.transaction = transaction;
    this.dateColumn = dateColumn;
  }

  /**
   * @throws UncheckedIOException if a file cannot be written; those that were are orphans
   */
  List<DeltaTable.FilesOfDay> write(Fitting fitting) {
    int date = fitting.columns().indexOf(dateColumn);
    Map<@Nullable Integer, List<@Nullable Object[]>> days =
        new TreeMap<>(Comparator.nullsFirst(Comparator.naturalOrder()));
    for (Row row : fitting.rows()) {
      @Nullable Object[] values = fitting.values(row);
      days.computeIfAbsent((Integer) values[date], day -> new ArrayList<>()).add(values);
    }
    List<DeltaTable.FilesOfDay> written = new ArrayList<>();
    days.forEach(
        (day, rows) ->
            written.add(new DeltaTable.FilesOfDay(day, write(fitting.columns(), day, rows))));
    return written;
  }

  private List<DataFileStatus> write(
      StructType columns, @Nullable Integer day, List<@Nullable Object[]> rows) {
    String directory =
        Transaction.getWriteContext(
                engine, transaction, DeltaTable.FilesOfDay.partition(dateColumn, day))
            .getTargetDirectory();
    List<StructField> stored =
        columns.fields().stream().filter(column -> !column.getName().equals(dateColumn)).toList();
    List<DataFileStatus> files = new ArrayList<>();
    try (CloseableIterator<DataFileStatus> statuses =
        engine
            .getParquetHandler()
            .writeParquetFiles(
                directory, new Batches(columns, new StructType(stored), rows), indexed(stored))) {
      statuses.forEachRemaining(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write rows to " + directory, e);
    }
    return files;
  }

  /**
   * Whose smallest and greatest values are kept in the log, so that readers skip files: not bytes,
   * which are payloads.
   */
  private static List<Column> indexed(List<StructField> stored) {
    return stored.stream()
        .filter(
            column ->
                !(column.getDataType() instanceof StructType
                    || column.getDataType() instanceof ArrayType
                    || column.getDataType() instanceof MapType
                    || column.getDataType() instanceof BinaryType))
        .limit(INDEXED_COLUMNS)
        .map(column -> new Column(column.getName()))
        .toList();
  }

  /** The rows, cut into batches. */
  private static final class Batches implements CloseableIterator<FilteredColumnarBatch> {
    private final StructType columns;
    private final StructType stored;
    private final List<@Nullable Object[]> rows;
    private int next;

    Batches(StructType columns, StructType stored, List<@Nullable Object[]> rows) {
      this.columns = columns;
      this.stored = stored;
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return next < rows.size();
    }

    @Override
    public FilteredColumnarBatch next() {
      int end = Math.min(next + ROWS_A_BATCH, rows.size());
      Batch batch = new Batch(columns, stored, rows.subList(next, end));
      next = end;
      return new FilteredColumnarBatch(batch, Optional.empty());
    }

    @Override
    public void close() {}
  }

  private record Batch(StructType columns, StructType stored, List<@Nullable Object[]> rows)
      implements ColumnarBatch {

    @Override
    public StructType getSchema() {
      return stored;
    }

    @Override
    public ColumnVector getColumnVector(int ordinal) {
      StructField column = stored.at(ordinal);
      int place = columns.indexOf(column.getName());
      return new ValueVector(column.getDataType(), rows.size(), row -> rows.get(row)[place]);
    }

    @Override
    public int getSize() {
      return rows.size();
    }
  }
}

package dev.millrace.sink;

import dev.millrace.schemas.table.OriginColumns;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Counts the rows of every table in a lake, by reading its files: what a table's log says of them
 * is the sink's own word.
 */
final class TableRows {

  private static final StructType OFFSETS =
      new StructType().add(OriginColumns.OFFSET, LongType.LONG, false);

  private TableRows() {}

  /**
   * Prints a line for each table: its name, a tab, its rows.
   *
   * @param args the folder of the tables, as a URI
   * @throws IOException if they can't be read
   */
  public static void main(String[] args) throws IOException {
    Configuration hadoop = new Configuration();
    SinkConfig.writing(hadoop);
    Engine engine = DefaultEngine.create(hadoop);
    Path lake = new Path(args[0]);
    FileSystem files = lake.getFileSystem(hadoop);
    List<FileStatus> folders =
        files.exists(lake)
            ? Arrays.stream(files.listStatus(lake))
                .filter(FileStatus::isDirectory)
                .sorted()
                .toList()
            : List.of();
    for (FileStatus folder : folders) {
      OptionalLong rows = rows(engine, folder.getPath().toString());
      if (rows.isPresent()) {
        System.out.println(folder.getPath().getName() + "\t" + rows.getAsLong());
      }
    }
  }

  /** Empty if the folder is no table. */
  private static OptionalLong rows(Engine engine, String table) throws IOException {
    Snapshot snapshot;
    try {
      snapshot = TableManager.loadSnapshot(table).build(engine);
    } catch (TableNotFoundException e) {
      return OptionalLong.empty();
    }
    Scan scan = snapshot.getScanBuilder().withReadSchema(OFFSETS).build();
    Row state = scan.getScanState(engine);
    long rows = 0;
    try (CloseableIterator<FilteredColumnarBatch> files = scan.getScanFiles(engine)) {
      while (files.hasNext()) {
        try (CloseableIterator<Row> batch = files.next().getRows()) {
          while (batch.hasNext()) {
            rows += rows(engine, state, batch.next());
          }
        }
      }
    }
    return OptionalLong.of(rows);
  }

  private static long rows(Engine engine, Row state, Row file) throws IOException {
    long rows = 0;
    try (CloseableIterator<FileReadResult> data =
            engine
                .getParquetHandler()
                .readParquetFiles(
                    Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                    ScanStateRow.getPhysicalDataReadSchema(state),
                    Optional.empty());
        CloseableIterator<FilteredColumnarBatch> logical =
            Scan.transformPhysicalData(engine, state, file, data.map(FileReadResult::getData))) {
      while (logical.hasNext()) {
        try (CloseableIterator<Row> batch = logical.next().getRows()) {
          while (batch.hasNext()) {
            batch.next();
            rows++;
          }
        }
      }
    }
    return rows;
  }
}

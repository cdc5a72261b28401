package dev.millrace.sink;

import dev.millrace.schemas.table.OriginColumns;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StructType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
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
    LongAdder rows = new LongAdder();
    try {
      TableContents.forEach(engine, table, OFFSETS, row -> rows.increment());
    } catch (TableNotFoundException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(rows.sum());
  }
}

package dev.millrace.sink;

import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** Reads a whole table, through Delta Kernel. */
final class TableReader {

  private static final Engine ENGINE = DefaultEngine.create(new Configuration());

  private TableReader() {}

  static boolean exists(Path table) {
    return table.resolve("_delta_log/00000000000000000000.json").toFile().exists();
  }

  static Snapshot snapshot(Path table) {
    return TableManager.loadSnapshot(table.toUri().toString()).build(ENGINE);
  }

  /** Each row by its columns; structs are maps, arrays lists, times and days numbers. */
  static List<Map<String, Object>> rows(Path table) {
    return rows(ENGINE, table.toUri().toString());
  }

  /** The rows of a table wherever the engine can read. */
  static List<Map<String, Object>> rows(Engine engine, String table) {
    List<Map<String, Object>> rows = new ArrayList<>();
    try {
      TableContents.forEach(engine, table, rows::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}

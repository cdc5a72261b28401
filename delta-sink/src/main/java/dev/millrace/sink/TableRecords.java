package dev.millrace.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.TableNotFoundException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** Writes down every row of tables, as their files have it, for whoever compares. */
final class TableRecords {

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private TableRecords() {}

  /**
   * Writes a line of JSON for each row: {@code table} and {@code row}, the latter with every
   * column. Times are in microseconds, days since 1970-01-01, bytes in base64. A table that is not
   * there has no rows.
   *
   * @param args the folder of the tables, as a URI; the file to write; the tables' names
   * @throws IOException if they can't be read, or the file can't be written
   */
  public static void main(String[] args) throws IOException {
    Configuration hadoop = new Configuration();
    SinkConfig.writing(hadoop);
    Engine engine = DefaultEngine.create(hadoop);
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[1]))) {
      for (String table : List.of(args).subList(2, args.length)) {
        write(engine, args[0].replaceAll("/+$", ""), table, out);
      }
    }
  }

  private static void write(Engine engine, String lake, String table, BufferedWriter out)
      throws IOException {
    try {
      TableContents.forEach(engine, lake + "/" + table, row -> write(out, table, row));
    } catch (TableNotFoundException noRows) {
      // As promised.
    }
  }

  private static void write(BufferedWriter out, String table, Map<String, @Nullable Object> row) {
    try {
      out.write(JSON.writeValueAsString(Map.of("table", table, "row", row)));
      out.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

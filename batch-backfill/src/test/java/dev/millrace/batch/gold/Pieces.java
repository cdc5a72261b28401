package dev.millrace.batch.gold;

import dev.millrace.batch.Lake;
import dev.millrace.batch.ServedLake;
import dev.millrace.batch.Steps;
import dev.millrace.batch.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/** Lakes whose Silver grows piece by piece. */
final class Pieces {

  private Pieces() {}

  /** All events that are served, of which another lake gets some at a time. */
  static Lake served(Path directory, long seed, int events) throws IOException {
    return new Sales(seed).sendTo(new ServedLake(directory), events).serve().lake();
  }

  static Lake lake(Path directory) {
    return new Lake(TestSpark.session(), directory.toUri().toString());
  }

  /** As the sink adds them: of each partition in their order. */
  static void land(Lake served, Lake lake, int from, int to) {
    served
        .pin("events_clean")
        .rows()
        .filter("kafka_offset >= %d and kafka_offset < %d".formatted(from, to))
        .coalesce(1)
        .write()
        .format("delta")
        .partitionBy("event_date")
        .mode("append")
        .save(lake.path("events_clean"));
  }

  static List<Gold.Updated> gold(Lake lake, List<GoldTable> tables) {
    return new Gold(lake, tables, new Steps(System.out)).run();
  }

  static List<Map<String, Object>> rows(Lake lake, GoldTable table) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Row row : lake.pin(table.path()).rows().collectAsList()) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (String column : row.schema().fieldNames()) {
        values.put(column, row.getAs(column));
      }
      rows.add(values);
    }
    return rows;
  }
}

package dev.millrace.batch.gold;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.millrace.schemas.table.OriginColumns;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How far each partition has been taken in.
 *
 * @param last offset by partition, by topic id; inclusive
 */
record Positions(@JsonValue SortedMap<String, SortedMap<Integer, Long>> last) {

  static final Positions NONE = new Positions(new TreeMap<>());

  @JsonCreator
  Positions {}

  /**
   * Where these rows bring us.
   *
   * @param rows how many they are
   */
  record Reached(Positions positions, long rows) {}

  /** What has not been taken in; in a form by which Delta leaves out files that have nothing. */
  Column behind() {
    Column taken = lit(false);
    for (Map.Entry<String, SortedMap<Integer, Long>> topic : last.entrySet()) {
      Column inTopic = lit(false);
      for (Map.Entry<Integer, Long> partition : topic.getValue().entrySet()) {
        inTopic =
            inTopic.or(
                col(OriginColumns.PARTITION)
                    .equalTo(partition.getKey())
                    .and(col(OriginColumns.OFFSET).leq(partition.getValue())));
      }
      taken = taken.or(col(OriginColumns.TOPIC_ID).equalTo(topic.getKey()).and(inTopic));
    }
    return not(taken);
  }

  /**
   * Behind these rows.
   *
   * @param rows of a table in which each partition's records are added in their order
   */
  Reached with(Dataset<Row> rows) {
    SortedMap<String, SortedMap<Integer, Long>> reached = new TreeMap<>();
    last.forEach((topic, partitions) -> reached.put(topic, new TreeMap<>(partitions)));
    long count = 0;
    for (Row row :
        rows.groupBy(OriginColumns.TOPIC_ID, OriginColumns.PARTITION)
            .agg(max(OriginColumns.OFFSET), count(lit(1)))
            .collectAsList()) {
      reached
          .computeIfAbsent(row.getString(0), topic -> new TreeMap<>())
          .merge(row.getInt(1), row.getLong(2), Math::max);
      count += row.getLong(3);
    }
    return new Reached(new Positions(reached), count);
  }
}

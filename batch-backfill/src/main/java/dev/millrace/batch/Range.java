package dev.millrace.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import dev.millrace.schemas.table.OriginColumns;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The raw events whose outcomes are wanted, of each partition. What comes before is folded, and its
 * outcomes are left out.
 */
record Range(List<Part> parts) implements Serializable {

  static final String TOPIC_ID = "range_topic_id";
  static final String PARTITION = "range_partition";
  static final String FROM = "range_from";
  static final String TO = "range_to";

  private static final StructType COLUMNS =
      new StructType()
          .add(TOPIC_ID, DataTypes.StringType, false)
          .add(PARTITION, DataTypes.IntegerType, false)
          .add(FROM, DataTypes.LongType, false)
          .add(TO, DataTypes.LongType, false);

  private static final Pattern OFFSETS = Pattern.compile("\\d+:\\d+(,\\d+:\\d+)*");
  private static final Pattern OFFSET = Pattern.compile("(\\d+):(\\d+)");

  /** Where a partition's end stands for "at once": behind all offsets. */
  private static final long END = Long.MAX_VALUE;

  Range {
    parts = List.copyOf(parts);
  }

  /**
   * One partition.
   *
   * @param from the first offset
   * @param to behind the last offset
   */
  record Part(String topicId, int partition, long from, long to) implements Serializable {}

  /**
   * Of what Bronze has: a time stands for the first record of a partition that is not older, as
   * Kafka has it.
   *
   * @throws BatchException if the choice names neither times nor offsets
   */
  static Range of(Lake.Pinned raw, Choice choice) {
    Edge from = Edge.of(raw, "--from", choice.from());
    Edge to = Edge.of(raw, "--to", choice.to());
    List<Part> parts = new ArrayList<>();
    for (Lake.Landed landed : ends(raw)) {
      long end = landed.last() + 1;
      long first = from == null ? 0 : from.offset(landed);
      long last = to == null ? end : Math.min(end, to.offset(landed));
      parts.add(new Part(landed.topicId(), landed.partition(), first, Math.max(first, last)));
    }
    return new Range(parts);
  }

  /**
   * How far Bronze goes: by the sink's word, because a row may have been taken out of it, and by
   * its rows, because a copy of it has not the sink's word.
   */
  private static List<Lake.Landed> ends(Lake.Pinned raw) {
    Map<String, Lake.Landed> ends = new TreeMap<>();
    List<Lake.Landed> known = new ArrayList<>(raw.landed());
    for (Row row :
        raw.rows()
            .groupBy(OriginColumns.TOPIC_ID, OriginColumns.PARTITION)
            .agg(max(OriginColumns.OFFSET))
            .collectAsList()) {
      known.add(new Lake.Landed(row.getString(0), row.getInt(1), row.getLong(2)));
    }
    for (Lake.Landed landed : known) {
      ends.merge(
          landed.topicId() + "/" + landed.partition(),
          landed,
          (a, b) -> a.last() >= b.last() ? a : b);
    }
    return List.copyOf(ends.values());
  }

  /** In a table of as many rows as there are partitions. */
  Dataset<Row> rows(SparkSession spark) {
    return spark.createDataFrame(
        parts.stream()
            .map(
                part -> RowFactory.create(part.topicId(), part.partition(), part.from(), part.to()))
            .toList(),
        COLUMNS);
  }

  /** For tasks. */
  Map<String, Part> byLog() {
    Map<String, Part> byLog = new HashMap<>();
    parts.forEach(part -> byLog.put(part.topicId() + "/" + part.partition(), part));
    return byLog;
  }

  /** Where each partition is cut. */
  private record Edge(Map<String, Long> byTime, @Nullable Map<Integer, Long> byPartition) {

    static @Nullable Edge of(Lake.Pinned raw, String option, @Nullable String text) {
      if (text == null) {
        return null;
      }
      if (OFFSETS.matcher(text).matches()) {
        Map<Integer, Long> offsets = new HashMap<>();
        Matcher matcher = OFFSET.matcher(text);
        while (matcher.find()) {
          offsets.put(Integer.valueOf(matcher.group(1)), Long.valueOf(matcher.group(2)));
        }
        return new Edge(Map.of(), offsets);
      }
      return new Edge(firstNotOlder(raw, time(option, text)), null);
    }

    private static Instant time(String option, String text) {
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        throw new BatchException(
            "%s %s is neither a time, such as 2026-03-01T00:00:00Z, nor offsets by partition, such as 0:1500,1:900."
                .formatted(option, text));
      }
    }

    private static Map<String, Long> firstNotOlder(Lake.Pinned raw, Instant time) {
      Map<String, Long> offsets = new HashMap<>();
      for (Row row :
          raw.rows()
              .filter(col(OriginColumns.TIMESTAMP).geq(lit(time)))
              .groupBy(OriginColumns.TOPIC_ID, OriginColumns.PARTITION)
              .agg(min(OriginColumns.OFFSET))
              .collectAsList()) {
        offsets.put(row.getString(0) + "/" + row.getInt(1), row.getLong(2));
      }
      return offsets;
    }

    /** Offsets that are not named begin a partition at its end: nothing of it is wanted. */
    long offset(Lake.Landed landed) {
      return byPartition == null
          ? byTime.getOrDefault(landed.topicId() + "/" + landed.partition(), END)
          : byPartition.getOrDefault(landed.partition(), END);
    }
  }
}

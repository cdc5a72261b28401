package dev.millrace.batch;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The law between two layers: every row has exactly one outcome, and every outcome is of a row.
 *
 * <p>Both sides have the columns {@link #PLACE}; the rows also {@link #AT}, when they arrived.
 *
 * @param from the table of the rows
 * @param to where their outcomes are
 * @param keys what tells rows apart, the place among them
 * @param rows each once
 * @param outcomes may be there of rows that are not
 */
record Conservation(
    String from, String to, List<String> keys, Dataset<Row> rows, Dataset<Row> outcomes) {

  static final List<String> PLACE = List.of("topic_id", "partition", "offset");
  static final String AT = "at";

  /** By then every outcome is landed, unless something is amiss. */
  private static final long SETTLING_MINUTES = 5;

  private static final String TIMES = "times";

  /** The last offset of a partition that has an outcome. */
  private static final String LAST = "last";

  /** The last offset of a partition that is among the rows. */
  private static final String LAST_ROW = "last_row";

  /**
   * What was found.
   *
   * @param pending outcomes that are still to come, or whose rows are
   */
  record Law(List<QualityReport.Finding> findings, long pending) {}

  /** The columns of a place, of a column that has it. */
  static Column[] place(String origin) {
    return PLACE.stream().map(name -> col(origin + "." + name).as(name)).toArray(Column[]::new);
  }

  /**
   * @param now outcomes of what arrived just before it may be still to come
   */
  Law hold(Instant now) {
    Dataset<Row> times =
        outcomes
            .groupBy(keys.stream().map(key -> col(key)).toArray(Column[]::new))
            .agg(count(lit(1)).as(TIMES));
    Dataset<Row> ends =
        outcomes.groupBy(PLACE.get(0), PLACE.get(1)).agg(max(PLACE.get(2)).as(LAST));
    Dataset<Row> rowEnds =
        rows.groupBy(PLACE.get(0), PLACE.get(1)).agg(max(PLACE.get(2)).as(LAST_ROW));
    Dataset<Row> joined =
        rows.join(times, CollectionConverters.asScala(keys).toSeq(), "full_outer")
            .join(
                broadcast(ends), CollectionConverters.asScala(PLACE.subList(0, 2)).toSeq(), "left")
            .join(
                broadcast(rowEnds),
                CollectionConverters.asScala(PLACE.subList(0, 2)).toSeq(),
                "left");
    Column isRow = col(AT).isNotNull();
    Column hasNone = isRow.and(col(TIMES).isNull());
    Column settled =
        coalesce(col(AT).lt(lit(now.minus(SETTLING_MINUTES, ChronoUnit.MINUTES))), lit(false));
    // Topics are landed each by itself: an outcome may be there before its row is.
    Column ahead = not(isRow).and(coalesce(col("offset").gt(col(LAST_ROW)), lit(true)));
    Column behindAll = coalesce(col("offset").gt(col(LAST)), lit(true));
    List<Column> wrong =
        List.of(
            hasNone.and(settled).and(not(behindAll)),
            hasNone.and(settled).and(behindAll),
            isRow.and(col(TIMES).gt(1)),
            not(isRow).and(not(ahead)));
    List<QualityReport.Check> checks =
        List.of(
            QualityReport.Check.LOST,
            QualityReport.Check.STALE,
            QualityReport.Check.DOUBLED,
            QualityReport.Check.ORPHAN);
    List<Column> asked = new ArrayList<>();
    asked.add(count(col(AT)));
    asked.add(coalesce(sum(when(hasNone.and(not(settled)).or(ahead), 1L)), lit(0L)));
    Column place = struct(col("partition"), col("offset"), col("topic_id"));
    for (Column one : wrong) {
      asked.add(coalesce(sum(when(one, 1L)), lit(0L)));
      asked.add(min(when(one, place)));
    }
    Row told =
        joined
            .agg(asked.get(0), CollectionConverters.asScala(asked.subList(1, asked.size())).toSeq())
            .first();
    List<QualityReport.Finding> findings = new ArrayList<>();
    for (int i = 0; i < wrong.size(); i++) {
      QualityReport.Check check = checks.get(i);
      findings.add(
          new QualityReport.Finding(
              from,
              check.name(),
              "→ " + to,
              told.getLong(0),
              told.getLong(2 + 2 * i),
              check.stops(),
              Quality.told(told.getStruct(3 + 2 * i))));
    }
    return new Law(findings, told.getLong(1));
  }
}

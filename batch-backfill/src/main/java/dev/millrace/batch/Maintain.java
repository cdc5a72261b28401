package dev.millrace.batch;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.millrace.schemas.table.OriginColumns;
import io.delta.tables.DeltaOptimizeBuilder;
import io.delta.tables.DeltaTable;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tables quick to read and no larger than they need be: drops days that are no longer to be
 * kept, makes few large files of many small ones, and deletes files that no version of the last
 * week has.
 *
 * <p>Changes no row but those that are dropped. What is in order already is left as it is, so a
 * second run commits nothing. Safe beside the sink, whose commits only add: if both want the same
 * version, one of them tries again.
 */
final class Maintain {

  /** What files are made to be, in bytes. */
  private static final long TARGET = 256L << 20;

  /** Two files of a day that are less than this are worth one. A quarter, so that no result is. */
  private static final long SMALL = TARGET / 4;

  /** Who asks for one user's rows reads few files of a day. */
  private static final List<String> CLUSTERED_BY = List.of(OriginColumns.KEY, "user_id");

  private static final String DAY = "day";

  private final Lake lake;
  private final SparkSession spark;
  private final Map<String, Integer> keepDays;
  private final LocalDate today;
  private final @Nullable Double vacuumHours;
  private final Steps steps;

  /**
   * @param keepDays by table, how many days are kept; of other tables all are
   * @param today from which they count, UTC
   * @param vacuumHours age of files that may go; null = what the table says, a week by default
   */
  Maintain(
      Lake lake,
      Map<String, Integer> keepDays,
      LocalDate today,
      @Nullable Double vacuumHours,
      Steps steps) {
    this.lake = lake;
    this.spark = lake.spark();
    this.keepDays = Map.copyOf(keepDays);
    this.today = today;
    this.vacuumHours = vacuumHours;
    this.steps = steps;
  }

  /**
   * Of all tables, in the order of their names.
   *
   * @throws BatchException if a table whose days are to be dropped is not there, or has no days
   */
  MaintainReport run() {
    List<String> tables = lake.tables();
    keepDays.forEach(
        (wanted, days) -> {
          if (days < 1) {
            throw new BatchException(
                "Of %s at least one day is kept, not %d. Nothing was changed."
                    .formatted(wanted, days));
          }
        });
    for (String wanted : keepDays.keySet()) {
      if (!tables.contains(wanted)) {
        throw new BatchException(
            "There is no table %s in %s, so nothing of it can be dropped. There are %s."
                .formatted(wanted, lake.uri(), String.join(", ", tables)));
      }
    }
    List<MaintainReport.Table> done = new ArrayList<>();
    for (String table : tables) {
      done.add(steps.get(table, () -> maintain(table)));
    }
    return new MaintainReport(done);
  }

  private MaintainReport.Table maintain(String name) {
    DeltaTable table = DeltaTable.forPath(spark, lake.path(name));
    long before = files(name).count();
    @Nullable Integer keep = keepDays.get(name);
    int dropped = keep == null ? 0 : drop(name, table, keep);
    int compacted = compact(name, table);
    long deleted = vacuum(name, table);
    Row after = files(name).agg(count(lit(1)), coalesce(sum("size"), lit(0L))).first();
    return new MaintainReport.Table(
        name, dropped, compacted, before, after.getLong(0), after.getLong(1), deleted);
  }

  private Snapshot snapshot(String name) {
    DeltaLog log = DeltaLog.forTable(spark, lake.path(name));
    return log.update(false, scala.Option.empty(), scala.Option.empty());
  }

  /** The day that a table is partitioned by; null if it is not, or by something else. */
  private static @Nullable String dayColumn(Snapshot snapshot) {
    StructField[] columns = snapshot.metadata().partitionSchema().fields();
    return columns.length == 1 && columns[0].dataType().equals(DataTypes.DateType)
        ? columns[0].name()
        : null;
  }

  /** The table's files: the day that each is of, and its size in bytes. */
  private Dataset<Row> files(String name) {
    Snapshot snapshot = snapshot(name);
    @Nullable String column = dayColumn(snapshot);
    Column day =
        column == null ? lit(null).cast("string") : element_at(col("partitionValues"), column);
    return snapshot.allFiles().toDF().select(day.as(DAY), col("size"));
  }

  private int drop(String name, DeltaTable table, int keep) {
    @Nullable String column = dayColumn(snapshot(name));
    if (column == null) {
      throw new BatchException("Table %s has no days that could be dropped.".formatted(name));
    }
    String first = today.minusDays(keep).toString();
    long days = files(name).filter(col(DAY).lt(first)).select(DAY).distinct().count();
    if (days > 0) {
      table.delete(col(column).lt(lit(first).cast("date")));
    }
    return (int) days;
  }

  private int compact(String name, DeltaTable table) {
    List<String> days =
        files(name)
            .groupBy(DAY)
            .agg(sum(when(col("size").lt(SMALL), 1).otherwise(0)).as("small"))
            .filter(col("small").geq(2))
            .orderBy(DAY)
            .collectAsList()
            .stream()
            .map(row -> row.isNullAt(0) ? "" : row.getString(0))
            .toList();
    if (days.isEmpty()) {
      return 0;
    }
    Snapshot snapshot = snapshot(name);
    DeltaOptimizeBuilder optimize = table.optimize();
    @Nullable String column = dayColumn(snapshot);
    if (column != null) {
      optimize = optimize.where(isOneOf(column, days));
    }
    spark.conf().set("spark.databricks.delta.optimize.maxFileSize", TARGET);
    spark.conf().set("spark.databricks.delta.optimize.minFileSize", SMALL);
    List<String> columns = List.of(snapshot.schema().fieldNames());
    @Nullable String clusteredBy =
        CLUSTERED_BY.stream().filter(columns::contains).findFirst().orElse(null);
    if (clusteredBy == null) {
      optimize.executeCompaction();
    } else {
      optimize.executeZOrderBy(clusteredBy);
    }
    return days.size();
  }

  private static String isOneOf(String column, List<String> days) {
    String listed =
        days.stream()
            .filter(day -> !day.isEmpty())
            .map(day -> "DATE'" + day + "'")
            .collect(Collectors.joining(", "));
    String without = days.contains("") ? column + " IS NULL" : "";
    String with = listed.isEmpty() ? "" : column + " IN (" + listed + ")";
    return without.isEmpty() || with.isEmpty() ? without + with : with + " OR " + without;
  }

  /** How many files were deleted. Asked first, because each deletion commits, if only of none. */
  private long vacuum(String name, DeltaTable table) {
    String retain = vacuumHours == null ? "" : " RETAIN " + vacuumHours + " HOURS";
    long unused =
        spark.sql("VACUUM delta.`%s`%s DRY RUN".formatted(lake.path(name), retain)).count();
    if (unused > 0) {
      if (vacuumHours == null) {
        table.vacuum();
      } else {
        table.vacuum(vacuumHours);
      }
    }
    return unused;
  }
}

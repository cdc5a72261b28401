package dev.millrace.batch;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.delta.tables.DeltaTable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * What a commit says of itself, as JSON in Delta's {@code userMetadata}: enough to make the same
 * rows again.
 *
 * @param application its name and version
 * @param gitCommit of the source it was built from
 * @param codeSha256 of the classes that decided
 * @param command what made the rows, and its options that change them
 * @param inputs version of each table that was read
 * @param declared SHA-256 of each declaration that was ever active, by its key
 */
public record Lineage(
    String application,
    @JsonProperty("git_commit") String gitCommit,
    @JsonProperty("code_sha256") String codeSha256,
    String command,
    SortedMap<String, Long> inputs,
    SortedMap<String, String> declared) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  static Lineage of(String command, Map<String, Long> inputs, Deciding deciding) {
    SortedMap<String, String> declared = new TreeMap<>();
    deciding
        .timeline()
        .firstActivations()
        .values()
        .forEach(activation -> declared.put(activation.key(), activation.sha256()));
    return new Lineage(
        "millrace-batch-backfill " + Build.VERSION,
        Build.GIT_COMMIT,
        Code.sha256(),
        command,
        new TreeMap<>(inputs),
        declared);
  }

  String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Text and numbers can be written", e);
    }
  }

  /** The table's rows were made as this says, and nobody has changed them since. */
  boolean isIn(SparkSession spark, Lake lake, String table) {
    Last last = lake.has(table) ? last(spark, lake, table) : null;
    return last != null && json().equals(last.said());
  }

  /**
   * The last commit that changed rows of a table.
   *
   * @param said of itself; null if nothing
   */
  public record Last(long version, @Nullable String said) {}

  /** Null if Delta no longer knows it. */
  public static @Nullable Last last(SparkSession spark, Lake lake, String table) {
    List<Row> latest =
        DeltaTable.forPath(spark, lake.path(table))
            .history()
            // What changes files and no rows.
            .filter("operation not in ('OPTIMIZE', 'VACUUM START', 'VACUUM END')")
            .orderBy(col("version").desc())
            .select("version", "userMetadata")
            .limit(1)
            .collectAsList();
    return latest.isEmpty() ? null : new Last(latest.get(0).getLong(0), latest.get(0).getString(1));
  }

  /**
   * In one commit, so that readers see all of it or nothing. What was there before is replaced, and
   * still read by its version.
   */
  void write(DataFrameWriter<Row> rows, String path) {
    rows.format("delta")
        .mode("overwrite")
        .option("overwriteSchema", true)
        .option("optimizeWrite", true)
        .option("userMetadata", json())
        .save(path);
  }
}

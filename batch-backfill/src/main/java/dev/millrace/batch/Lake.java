package dev.millrace.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.SetTransaction;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** The folder of all tables. */
public final class Lake {

  /** A table as it was at one version: who reads it twice reads the same rows. */
  public record Pinned(SparkSession spark, String name, String path, long version) {
    public Dataset<Row> rows() {
      return spark.read().format("delta").option("versionAsOf", version).load(path);
    }

    /** How far the sink had landed each partition, by its own word: offsets that are done. */
    List<Landed> landed() {
      List<Landed> landed = new ArrayList<>();
      Snapshot snapshot =
          DeltaLog.forTable(spark, path)
              .getSnapshotAt(version, Option.empty(), Option.<CatalogTable>empty());
      for (SetTransaction transaction : CollectionConverters.asJava(snapshot.setTransactions())) {
        // As the sink names it: TABLE/TOPIC_ID/PARTITION.
        String[] parts = transaction.appId().split("/");
        if (parts.length == 3 && parts[0].equals(name)) {
          landed.add(new Landed(parts[1], Integer.parseInt(parts[2]), transaction.version()));
        }
      }
      return landed;
    }
  }

  /**
   * A partition's last offset that is done.
   *
   * @param last inclusive
   */
  record Landed(String topicId, int partition, long last) {}

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .registerModule(
              new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance));

  private final SparkSession spark;
  private final String uri;

  /**
   * @param uri of the folder, such as {@code file:///lake} or {@code
   *     abfss://lake@account.dfs.core.windows.net/}
   */
  public Lake(SparkSession spark, String uri) {
    this.spark = spark;
    this.uri = uri.replaceAll("/+$", "");
  }

  public SparkSession spark() {
    return spark;
  }

  public String uri() {
    return uri;
  }

  public String path(String table) {
    return uri + "/" + table;
  }

  /**
   * Keeps what a command has found, in place of what it found before; tells where.
   *
   * @throws BatchException if it can't be written
   */
  String report(String name, Object report) {
    Path file = new Path(uri + "/_reports/" + name + ".json");
    try (OutputStream out =
        file.getFileSystem(spark.sessionState().newHadoopConf()).create(file, true)) {
      JSON.writeValue(out, report);
      return file.toString();
    } catch (IOException e) {
      throw new BatchException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Names of all tables, in their order: those that were landed, and those in folders, such as
   * {@code backfill/served/events_clean}.
   *
   * @throws BatchException if the lake can't be read
   */
  List<String> tables() {
    Path root = new Path(uri);
    List<String> tables = new ArrayList<>();
    try {
      FileSystem files = root.getFileSystem(spark.sessionState().newHadoopConf());
      if (!files.exists(root)) {
        throw new BatchException("There is no lake at %s. Correct --lake.".formatted(uri));
      }
      collect(files, root, "", tables);
    } catch (IOException e) {
      throw new BatchException("Cannot read %s: %s".formatted(uri, e.getMessage()), e);
    }
    Collections.sort(tables);
    return tables;
  }

  private static void collect(FileSystem files, Path folder, String prefix, List<String> tables)
      throws IOException {
    for (FileStatus entry : files.listStatus(folder)) {
      String name = entry.getPath().getName();
      if (!entry.isDirectory() || name.startsWith("_")) {
        continue;
      }
      if (files.exists(new Path(entry.getPath(), "_delta_log"))) {
        tables.add(prefix + name);
      } else {
        collect(files, entry.getPath(), prefix + name + "/", tables);
      }
    }
  }

  public boolean has(String table) {
    return DeltaTable.isDeltaTable(spark, path(table));
  }

  /**
   * The table as it is now.
   *
   * @throws BatchException if there is none
   */
  public Pinned pin(String table) {
    if (!has(table)) {
      throw new BatchException(
          "There is no table %s in %s. Let the sink land its topic first, or correct --lake."
              .formatted(table, uri));
    }
    long version =
        DeltaTable.forPath(spark, path(table)).history(1).select("version").first().getLong(0);
    return new Pinned(spark, table, path(table), version);
  }
}

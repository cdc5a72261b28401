package dev.millrace.batch;

import dev.millrace.lake.ExclusiveLocalLogStore;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Spark as every command needs it. */
public final class Sessions {

  private Sessions() {}

  /** On the master that spark-submit names, or in this process. */
  public static SparkSession start(String command) {
    SparkConf conf = new SparkConf();
    if (!conf.contains("spark.master")) {
      // Spark's own are for a cluster: hundreds of tasks for a few rows.
      int parts = 2 * Runtime.getRuntime().availableProcessors();
      conf.setMaster("local[*]")
          .setIfMissing("spark.ui.enabled", "false")
          .setIfMissing("spark.driver.host", "127.0.0.1")
          .setIfMissing("spark.driver.bindAddress", "127.0.0.1")
          .setIfMissing("spark.sql.shuffle.partitions", Integer.toString(parts))
          // Delta lists the files of a table in as many tasks: ten thousand.
          .setIfMissing(
              "spark.sql.sources.parallelPartitionDiscovery.parallelism", Integer.toString(parts))
          .setIfMissing("spark.databricks.delta.snapshotPartitions", "2");
    }
    conf.setAppName("millrace " + command)
        .set("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .set("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        // The sink and other commands write to the same tables from other processes.
        .set("spark.delta.logStore.file.impl", ExclusiveLocalLogStore.class.getName())
        .set("spark.sql.session.timeZone", "UTC")
        .set("spark.sql.datetime.java8API.enabled", "true")
        .set("spark.sql.parquet.compression.codec", "zstd");
    return SparkSession.builder().config(conf).getOrCreate();
  }
}

package dev.millrace.batch;

import org.apache.spark.sql.SparkSession;

/** One Spark for all tests of this process. */
public final class TestSpark {

  private TestSpark() {}

  public static SparkSession session() {
    return Sessions.start("test");
  }
}

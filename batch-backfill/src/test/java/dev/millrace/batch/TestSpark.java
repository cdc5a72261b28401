package dev.millrace.batch;

import org.apache.spark.sql.SparkSession;

/** One Spark for all tests of this process. */
final class TestSpark {

  private TestSpark() {}

  static SparkSession session() {
    return Sessions.start("test");
  }
}

package dev.millrace.schemas.table;

/** The columns that tell where the record of a row was; they stand before all others. */
public final class OriginColumns {

  public static final String TOPIC_ID = "kafka_topic_id";
  public static final String PARTITION = "kafka_partition";
  public static final String OFFSET = "kafka_offset";
  public static final String TIMESTAMP = "kafka_timestamp";
  public static final String KEY = "kafka_key";

  private OriginColumns() {}
}

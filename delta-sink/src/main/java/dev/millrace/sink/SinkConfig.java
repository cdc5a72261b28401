package dev.millrace.sink;

import dev.millrace.lake.ExclusiveLocalLogStore;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/** Everything that a connector may set. None of it changes what stands in a row. */
final class SinkConfig extends AbstractConfig {

  static final String LAKE_URI = "lake.uri";
  static final String REGISTRY_URL = "registry.url";
  static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  static final String DATE_FIELD = "date.field";
  static final String DATE_COLUMN = "date.column";
  static final String FLUSH_ROWS = "flush.rows";
  static final String FLUSH_BYTES = "flush.bytes";
  static final String FLUSH_INTERVAL = "flush.interval.ms";
  static final String EXPIRED = "expired.records";
  static final String ISOLATION = "consumer.override.isolation.level";
  static final String TOLERANCE = "errors.tolerance";
  static final String DEAD_LETTERS = "errors.deadletterqueue.topic.name";
  static final String DEAD_LETTER_HEADERS = "errors.deadletterqueue.context.headers.enable";

  private static final String FILE_SYSTEM = "fs.";
  private static final String DELTA = "io.delta.";
  private static final String ADMIN = "admin.override.";
  private static final String FAIL = "fail";
  private static final String SKIP = "skip";

  static final ConfigDef OPTIONS =
      new ConfigDef()
          .define(
              LAKE_URI,
              Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              new ConfigDef.NonEmptyString(),
              Importance.HIGH,
              "Folder of all tables: file:///..., or abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/... What Hadoop needs to reach it is set as fs.*, what Delta Kernel needs as io.delta.*.")
          .define(
              REGISTRY_URL,
              Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              new ConfigDef.NonEmptyString(),
              Importance.HIGH,
              "Schema registry that speaks Confluent's protocol, such as http://registry:8081.")
          .define(
              BOOTSTRAP_SERVERS,
              Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              new ConfigDef.NonEmptyString(),
              Importance.HIGH,
              "The Kafka that the topics are on; asked for topic ids and the bounds of partitions. What else its admin client needs is set as admin.override.*.")
          .define(
              DATE_FIELD,
              Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              new ConfigDef.NonEmptyString(),
              Importance.HIGH,
              "Field whose UTC day a row counts for, such as received_at. A record without it counts for the day of its own time.")
          .define(
              DATE_COLUMN,
              Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              new ConfigDef.NonEmptyString(),
              Importance.HIGH,
              "Name of that column, by which the table is partitioned, such as received_date.")
          .define(
              FLUSH_ROWS,
              Type.INT,
              500_000,
              Range.atLeast(1),
              Importance.MEDIUM,
              "A topic partition is committed when so many rows of it wait.")
          .define(
              FLUSH_BYTES,
              Type.LONG,
              64L * 1024 * 1024,
              Range.atLeast(1),
              Importance.MEDIUM,
              "The fullest topic partition is committed when about so many bytes of heap wait in a task: the bound of its memory, however many partitions and days.")
          .define(
              FLUSH_INTERVAL,
              Type.LONG,
              30_000L,
              Range.atLeast(1),
              Importance.MEDIUM,
              "A topic partition is committed when its oldest row has waited so long. Tables get one commit a topic partition each time.")
          .define(
              EXPIRED,
              Type.STRING,
              FAIL,
              ValidString.in(FAIL, SKIP),
              Importance.LOW,
              "What to do if Kafka has deleted offsets that were not landed: fail, or skip them.")
          .define(
              ISOLATION,
              Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              ValidString.in("read_committed"),
              Importance.HIGH,
              "read_committed: otherwise aborted records are landed, too.")
          .define(TOLERANCE, Type.STRING, "none", Importance.MEDIUM, "As Connect has it.")
          .define(
              DEAD_LETTERS,
              Type.STRING,
              "",
              Importance.MEDIUM,
              "Topic for records that no table takes. Needed with errors.tolerance=all, where they would be gone without.")
          .define(
              DEAD_LETTER_HEADERS,
              Type.BOOLEAN,
              false,
              Importance.MEDIUM,
              "true with a topic for dead letters: the reason is in the headers.");

  /**
   * @throws ConfigException with what to do, if an option is wrong or missing
   */
  SinkConfig(Map<String, String> properties) {
    super(OPTIONS, properties, false);
    problems(properties)
        .forEach(
            (option, problem) -> {
              throw new ConfigException(option, properties.get(option), problem);
            });
  }

  /** What is wrong between options, by the option to change. */
  static Map<String, String> problems(Map<String, String> properties) {
    boolean tolerant = "all".equals(properties.get(TOLERANCE));
    if (!tolerant) {
      return Map.of();
    }
    if (properties.getOrDefault(DEAD_LETTERS, "").isBlank()) {
      return Map.of(
          DEAD_LETTERS,
          "errors.tolerance=all without a topic for dead letters loses records: name one, or set errors.tolerance=none");
    }
    if (!"true".equalsIgnoreCase(properties.get(DEAD_LETTER_HEADERS))) {
      return Map.of(
          DEAD_LETTER_HEADERS, "Set it to true: the reason of a dead letter is in its headers");
    }
    return Map.of();
  }

  String tablePath(String topic) {
    return getString(LAKE_URI).replaceAll("/+$", "") + "/" + Topics.table(topic);
  }

  String registryUrl() {
    return getString(REGISTRY_URL);
  }

  String dateField() {
    return getString(DATE_FIELD);
  }

  String dateColumn() {
    return getString(DATE_COLUMN);
  }

  int flushRows() {
    return getInt(FLUSH_ROWS);
  }

  long flushBytes() {
    return getLong(FLUSH_BYTES);
  }

  Duration flushInterval() {
    return Duration.ofMillis(getLong(FLUSH_INTERVAL));
  }

  boolean skipsExpired() {
    return getString(EXPIRED).equals(SKIP);
  }

  /** For Kafka's admin client. */
  Map<String, Object> admin() {
    Map<String, Object> admin = new HashMap<>(originalsWithPrefix(ADMIN));
    admin.put(BOOTSTRAP_SERVERS, getString(BOOTSTRAP_SERVERS));
    return admin;
  }

  /** For the lake's file system, and for the files that are written there. */
  Configuration hadoop() {
    Configuration hadoop = new Configuration();
    hadoop.setClassLoader(SinkConfig.class.getClassLoader());
    writing(hadoop);
    originalsStrings()
        .forEach(
            (key, value) -> {
              if (key.startsWith(FILE_SYSTEM) || key.startsWith(DELTA)) {
                hadoop.set(key, value);
              }
            });
    return hadoop;
  }

  /** How tables are written, wherever they lie. */
  static void writing(Configuration hadoop) {
    hadoop.set("parquet.compression", "ZSTD");
    hadoop.set("io.delta.kernel.logStore.file.impl", ExclusiveLocalLogStore.class.getName());
  }
}

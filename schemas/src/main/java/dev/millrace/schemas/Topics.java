package dev.millrace.schemas;

import dev.millrace.schema.ActivationMessage;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.FileMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schema.ScoreMessage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Every topic there is: the promises between services. */
public final class Topics {

  /** Largest payload that is accepted, in bytes; a raw record adds its envelope to it. */
  public static final int MAX_PAYLOAD_BYTES = 1_000_000;

  /** Largest record of any other topic, in bytes. */
  public static final int MAX_DERIVED_BYTES = 4 * 1_048_576;

  /** What a batch adds around a record's value, with room for its key. */
  static final int BATCH_OVERHEAD_BYTES = 65_536;

  private static final Pattern VECTORS =
      Pattern.compile("features\\.[a-z0-9][a-z0-9-]{0,62}(\\.v[1-9][0-9]{0,8})?");
  private static final String FOR_EVER = "-1";

  /**
   * What a topic carries and how the broker keeps it.
   *
   * @param schema of the value; null where anything may come
   * @param singlePartition the order of all its records matters
   * @param config as Kafka names it
   */
  public record Topic(
      String name, @Nullable Schema schema, boolean singlePartition, Map<String, String> config) {

    /** Under this name the registry keeps the schema. */
    public String subject() {
      return name + "-value";
    }
  }

  /**
   * The door for Kafka producers. The broker sets the time, so no producer's clock is on the log,
   * and keeps batches plain, so that its bound holds for what comes out of them and not for what a
   * producer compressed.
   */
  public static final Topic INBOUND =
      new Topic(
          "events.inbound",
          null,
          false,
          Map.of(
              "message.timestamp.type", "LogAppendTime",
              "compression.type", "uncompressed",
              "max.message.bytes", Integer.toString(3 * 1_048_576)));

  public static final Topic RAW = derived("events.raw", RawEventMessage.getClassSchema());
  public static final Topic CLEAN = derived("events.clean", CleanEventMessage.getClassSchema());
  public static final Topic DUPLICATES =
      derived("events.duplicates", DuplicateEventMessage.getClassSchema());
  public static final Topic QUARANTINED =
      derived("events.quarantined", QuarantinedEventMessage.getClassSchema());

  /** Of the feature set that comes with Millrace. */
  public static final Topic FEATURES = features("user-activity", 1);

  /** Never expires: what lookups show is filled from it again, and it is the only copy. */
  public static final Topic SCORES =
      new Topic(
          "scores",
          ScoreMessage.getClassSchema(),
          false,
          Map.of(
              "max.message.bytes",
              Integer.toString(MAX_DERIVED_BYTES),
              "retention.ms",
              FOR_EVER,
              "retention.bytes",
              "-1"));

  /** Never compacted and never expired: what decided an old event must stay known. */
  public static final Topic ACTIVATIONS =
      new Topic(
          "activations",
          ActivationMessage.getClassSchema(),
          true,
          Map.of("retention.ms", FOR_EVER, "retention.bytes", "-1", "cleanup.policy", "delete"));

  /**
   * How far each file was taken in. One partition, because it is small and read as a whole;
   * compacted, because a file that was taken once must stay known.
   */
  public static final Topic FILES =
      new Topic("files", FileMessage.getClassSchema(), true, Map.of("cleanup.policy", "compact"));

  public static final List<Topic> ALL =
      List.of(INBOUND, RAW, CLEAN, DUPLICATES, QUARANTINED, FEATURES, SCORES, ACTIVATIONS, FILES);

  private Topics() {}

  /**
   * Vectors of one version of a feature set: the first on {@code features.NAME}, and each later one
   * beside it on {@code features.NAME.vVERSION}.
   */
  public static Topic features(String set, int version) {
    return derived(
        "features." + set + (version == 1 ? "" : ".v" + version),
        FeatureVectorMessage.getClassSchema());
  }

  /**
   * The lake's table for a topic: its name, with an underscore for all but letters and digits. No
   * two topics of ours share one, because no feature set's name ends like a version.
   */
  public static String table(String topic) {
    return topic.replaceAll("[^A-Za-z0-9]", "_");
  }

  private static Topic derived(String name, Schema schema) {
    return new Topic(
        name, schema, false, Map.of("max.message.bytes", Integer.toString(MAX_DERIVED_BYTES)));
  }

  /** The topic of that name, which may be one of {@link #features}; empty if there can be none. */
  public static Optional<Topic> find(String name) {
    Optional<Topic> known = ALL.stream().filter(topic -> topic.name().equals(name)).findFirst();
    return known.isPresent() || !VECTORS.matcher(name).matches()
        ? known
        : Optional.of(derived(name, FeatureVectorMessage.getClassSchema()));
  }
}

package dev.millrace.schemas.table;

import dev.millrace.schemas.Topics;

/**
 * A topic's table in the lake.
 *
 * @param name of its folder
 * @param dateField whose UTC day a row counts for
 * @param dateColumn the day; the table is partitioned by it
 */
public record LakeTable(String name, Topics.Topic topic, String dateField, String dateColumn) {

  public static final LakeTable RAW = arrived(Topics.RAW);
  public static final LakeTable CLEAN = happened(Topics.CLEAN, "event_time");
  public static final LakeTable DUPLICATES = arrived(Topics.DUPLICATES);
  public static final LakeTable QUARANTINED = arrived(Topics.QUARANTINED);
  public static final LakeTable SCORES = happened(Topics.SCORES, "event_time");
  public static final LakeTable ACTIVATIONS =
      new LakeTable(
          Topics.table(Topics.ACTIVATIONS.name()),
          Topics.ACTIVATIONS,
          "activated_at",
          "activated_date");

  /** Of one version of a feature set. */
  public static LakeTable features(String set, int version) {
    return happened(Topics.features(set, version), "as_of");
  }

  private static LakeTable arrived(Topics.Topic topic) {
    return new LakeTable(Topics.table(topic.name()), topic, "received_at", "received_date");
  }

  private static LakeTable happened(Topics.Topic topic, String time) {
    return new LakeTable(Topics.table(topic.name()), topic, time, "event_date");
  }
}

package dev.millrace.core;

import java.util.Comparator;

/**
 * The place of a raw record on the log; it names one raw event for ever.
 *
 * @param topicId the broker's id of the raw topic, so that a topic created again is another place
 * @param partition &gt;= 0
 * @param offset &gt;= 0; grows along a partition, with gaps
 */
public record Origin(String topicId, int partition, long offset) implements Comparable<Origin> {

  private static final Comparator<Origin> ORDER =
      Comparator.comparing(Origin::topicId)
          .thenComparingInt(Origin::partition)
          .thenComparingLong(Origin::offset);

  @Override
  public int compareTo(Origin other) {
    return ORDER.compare(this, other);
  }
}

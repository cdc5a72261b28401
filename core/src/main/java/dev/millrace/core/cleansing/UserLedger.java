package dev.millrace.core.cleansing;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one user: the ids that tell the first of an event from its duplicates, and
 * what the user's values were like.
 */
public interface UserLedger {

  /** Null for a user never seen. */
  @Nullable Head head();

  @Nullable Seen find(Digest128 eventId);

  /** Every remembered id, in any order. */
  void forEach(BiConsumer<Digest128, Seen> action);

  void apply(Change change);

  /**
   * @param watermark greatest event time among the user's clean events, microseconds
   * @param floor events at or before this time are refused, because ids that old were forgotten;
   *     {@link Long#MIN_VALUE} if none
   * @param remembered number of ids
   * @param sweptAt watermark at the last sweep
   * @param profile the user's own values, by field
   */
  record Head(
      long watermark,
      long floor,
      int remembered,
      long sweptAt,
      SortedMap<String, RunningStats> profile) {

    public Head {
      profile = Collections.unmodifiableSortedMap(new TreeMap<>(profile));
    }
  }

  /**
   * @param eventTime microseconds
   */
  record Seen(long eventTime, Digest128 content, Origin origin) {}

  /** What accepting one event changes; a host writes it as it is. */
  record Change(Head head, Digest128 remember, Seen seen, List<Digest128> forget) {

    public Change {
      forget = List.copyOf(forget);
    }
  }
}

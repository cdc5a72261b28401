package dev.millrace.core;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What is remembered of one user to tell the first of an event from its duplicates. */
public interface UserLedger {

  /** Null for a user never seen. */
  @Nullable Head head();

  @Nullable Seen find(Digest128 eventId);

  /** Every remembered id, in any order. */
  void forEach(BiConsumer<Digest128, Seen> action);

  void apply(Change change);

  /**
   * @param watermark greatest event time among the user's clean events, microseconds
   * @param floor events at or before this time are refused, because ids that old had to be
   *     forgotten; {@link Long#MIN_VALUE} if none
   * @param remembered number of ids
   * @param sweptAt watermark at the last sweep
   */
  record Head(long watermark, long floor, int remembered, long sweptAt) {}

  /**
   * @param eventTime microseconds
   */
  record Seen(long eventTime, Digest128 content, Origin origin) {}

  /** What accepting one event changes; a host writes it as it is. */
  record Change(Head head, Digest128 remember, Seen seen, List<Digest128> forget) {}
}

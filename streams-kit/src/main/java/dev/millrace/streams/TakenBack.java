package dev.millrace.streams;

import dev.millrace.core.Origin;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.errors.TaskMigratedException;
import org.jspecify.annotations.Nullable;

/**
 * Events whose change of a user's state failed half way. The state in memory is neither the old nor
 * the new one then, so the whole transaction is taken back and the state is read again; when the
 * event comes again, it is known, however often that is, and changes nothing. On another instance
 * it is found again the same way.
 */
public final class TakenBack {

  /** More faulty events than a transaction holds; the oldest is forgotten, and found again. */
  private static final int KNOWN = 10_000;

  private record Change(Origin origin, long fold) {}

  private final Map<Change, Decision.Fault> faults =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Change, Decision.Fault> eldest) {
          return size() > KNOWN;
        }
      };

  /** As {@link #recall(Origin, long)}, where there is one fold only. */
  public Decision.@Nullable Fault recall(Origin origin) {
    return recall(origin, UserStates.ONLY);
  }

  /**
   * The fault that the event provoked before in the fold; null if it is not known to have provoked
   * one.
   */
  public synchronized Decision.@Nullable Fault recall(Origin origin, long fold) {
    return faults.get(new Change(origin, fold));
  }

  /** As {@link #takeBack(Origin, long, Decision.Fault)}, where there is one fold only. */
  public TaskMigratedException takeBack(Origin origin, Decision.Fault fault) {
    return takeBack(origin, UserStates.ONLY, fault);
  }

  /**
   * Takes back all that is not committed yet.
   *
   * @return to be thrown out of the processor: makes Kafka Streams abort the transaction, drop the
   *     thread's state and join again. It has no exception for just that; this one says that the
   *     tasks went elsewhere, which asks for the same.
   */
  public synchronized TaskMigratedException takeBack(
      Origin origin, long fold, Decision.Fault fault) {
    faults.put(new Change(origin, fold), fault);
    return new TaskMigratedException(
        "An event provoked a fault while it changed a user's state; it comes again to be quarantined");
  }
}

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

  private final Map<Origin, Decision.Fault> faults =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Origin, Decision.Fault> eldest) {
          return size() > KNOWN;
        }
      };

  /** The fault that the event provoked before; null if it is not known to have provoked one. */
  public synchronized Decision.@Nullable Fault recall(Origin origin) {
    return faults.get(origin);
  }

  /**
   * Takes back all that is not committed yet.
   *
   * @return to be thrown out of the processor: makes Kafka Streams abort the transaction, drop the
   *     thread's state and join again. It has no exception for just that; this one says that the
   *     tasks went elsewhere, which asks for the same.
   */
  public synchronized TaskMigratedException takeBack(Origin origin, Decision.Fault fault) {
    faults.put(origin, fault);
    return new TaskMigratedException(
        "An event provoked a fault while it changed a user's state; it comes again to be quarantined");
  }
}

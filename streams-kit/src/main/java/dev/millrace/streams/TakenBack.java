package dev.millrace.streams;

import dev.millrace.core.Origin;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.errors.TaskMigratedException;
import org.jspecify.annotations.Nullable;

/**
 * Events whose change of a user's state failed half way. The state in memory is neither the old nor
 * the new one then, so the whole transaction is taken back and the state is read again; when the
 * event comes again, it is known and changes nothing.
 */
public final class TakenBack {

  private final Map<Origin, Decision.Fault> faults = new ConcurrentHashMap<>();

  /**
   * The fault that the event provoked before; known once, since an event can be taken back again.
   */
  public Decision.@Nullable Fault recall(Origin origin) {
    return faults.remove(origin);
  }

  /**
   * Takes back all that is not committed yet.
   *
   * @return to be thrown out of the processor: makes Kafka Streams abort the transaction, drop the
   *     thread's state and join again. It has no exception for just that; this one says that the
   *     tasks went elsewhere, which asks for the same.
   */
  public TaskMigratedException takeBack(Origin origin, Decision.Fault fault) {
    faults.put(origin, fault);
    return new TaskMigratedException(
        "An event provoked a fault while it changed a user's state; it comes again to be quarantined");
  }
}

package dev.millrace.streams;

import dev.millrace.core.Origin;
import dev.millrace.schemas.stage.Fault;
import dev.millrace.schemas.stage.StateHost;
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

  private record Change(long fold, Origin event) {}

  private final Map<Change, Fault> faults =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Change, Fault> eldest) {
          return size() > KNOWN;
        }
      };

  /** The store's states, whose failed changes are taken back. */
  public <S, C> StateHost<S, C> states(UserStateStore<S, C> store) {
    return new States<>(store, this);
  }

  private synchronized @Nullable Fault recall(Change change) {
    return faults.get(change);
  }

  private synchronized void remember(Change change, Fault fault) {
    faults.put(change, fault);
  }

  private record States<S, C>(UserStateStore<S, C> store, TakenBack takenBack)
      implements StateHost<S, C> {

    @Override
    public S state(long fold, String user) {
      return store.state(fold, user);
    }

    @Override
    public void apply(long fold, String user, C change) {
      store.apply(fold, user, change);
    }

    @Override
    public @Nullable Fault recall(long fold, Origin event) {
      return takenBack.recall(new Change(fold, event));
    }

    /**
     * Makes Kafka Streams abort the transaction, drop the thread's state and join again. It has no
     * exception for just that; this one says that the tasks went elsewhere, which asks for the
     * same.
     */
    @Override
    public void takeBack(long fold, String user, Origin event, Fault fault) {
      takenBack.remember(new Change(fold, event), fault);
      throw new TaskMigratedException(
          "An event provoked a fault while it changed a user's state; it comes again to be quarantined");
    }
  }
}

package dev.millrace.streams;

import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.schemas.stage.StateHost;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.internals.StateStoreProvider;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each user's state in memory, one for each fold that the host runs beside the others. An
 * event makes an object of its user's state, changes it, and writes one small record to the
 * changelog: what it changed. The whole state is written when the changes since have grown as large
 * as it, and at the earliest in place of the sixteenth, so the changelog takes about twice the
 * changes and a restart reads about twice the states.
 *
 * <p>Of the small states only the one that was used last is an object, in each fold. The others are
 * bytes, which take a seventh of the heap and are nothing to a garbage collector; to make an object
 * of them again costs less than to fetch its parts from all over the heap.
 *
 * <pre>
 * fold, user, 0     → number of the change, whole state
 * fold, user, slot  → number of the change, change
 * </pre>
 *
 * <p>Slots begin again with 1 after each whole state, so compaction keeps the last whole state, the
 * changes since, and older ones in slots that were not used again. A change is applied only to the
 * state just before it; older ones lie before a whole state, which makes up for them. A user whose
 * changes do not join on to a whole state at the end is unreadable, and never merely wrong.
 *
 * @param <S> a user's state
 * @param <C> what one event changes in it
 */
public final class UserStateStore<S, C> implements StateStore {

  private final String name;
  private final LongFunction<? extends StateCodec<S, C>> codecs;
  private final KeyValueStore<Bytes, byte[]> changelog;

  /** Concurrent, because a codec may have to be waited for, and nobody may hold the lock then. */
  private final Map<Long, Fold<S, C>> folds = new ConcurrentHashMap<>();

  private final Position position = Position.emptyPosition();
  private final StateOutput out = new StateOutput(KeptState.LARGE);
  private volatile boolean open;
  private long openings;
  private boolean whole;

  /** The states of one fold. */
  private static final class Fold<S, C> {
    private final StateCodec<S, C> codec;
    private final Map<String, KeptState<S, C>> users = new HashMap<>();

    /** An object that becomes bytes when another state is used; null if there is none. */
    private @Nullable KeptState<S, C> atHand;

    /** Whether this release has read a whole state of the changelog, and a change. */
    private boolean wholeRead;

    private boolean changeRead;

    Fold(StateCodec<S, C> codec) {
      this.codec = codec;
    }
  }

  /**
   * @param codecs of each fold, by its number
   * @param changelog writes what is put to the changelog and keeps nothing
   */
  UserStateStore(
      String name,
      LongFunction<? extends StateCodec<S, C>> codecs,
      KeyValueStore<Bytes, byte[]> changelog) {
    this.name = name;
    this.codecs = codecs;
    this.changelog = changelog;
  }

  /** The user's state under the only fold, as {@link #state(long, String)}. */
  public S state(String user) {
    return state(StateHost.ONLY, user);
  }

  /**
   * The user's state, to read and not to change, until the store is used again; a new one for a
   * user of whom nothing is known.
   *
   * @throws UnreadableStateException if the changelog did not hold it whole
   */
  public S state(long fold, String user) {
    Fold<S, C> states = fold(fold);
    synchronized (this) {
      @Nullable KeptState<S, C> kept = states.users.get(user);
      return kept == null ? states.codec.start() : object(states, readable(kept));
    }
  }

  /** Changes the user's state under the only fold, as {@link #apply(long, String, Object)}. */
  public void apply(String user, C change) {
    apply(StateHost.ONLY, user, change);
  }

  /** Changes the user's state, here and on the changelog. */
  public void apply(long fold, String user, C change) {
    apply(fold(fold), fold, user, change);
  }

  private synchronized void apply(Fold<S, C> states, long fold, String user, C change) {
    KeptState<S, C> kept = states.users.computeIfAbsent(user, key -> new KeptState<>());
    S state = object(states, readable(kept));
    int slot = kept.apply(states.codec, state, change, out);
    changelog.put(key(fold, user, slot), out.toBytes());
    kept.changed();
    if (slot == KeptState.WHOLE && out.length() <= KeptState.LARGE) {
      hold(states, kept);
    }
  }

  private S object(Fold<S, C> states, KeptState<S, C> kept) {
    if (!kept.isObject()) {
      hold(states, kept);
    }
    return kept.toObject(states.codec, name);
  }

  /** The state that was at hand becomes bytes, and this one will when another is used. */
  private void hold(Fold<S, C> states, KeptState<S, C> kept) {
    @Nullable KeptState<S, C> before = states.atHand;
    states.atHand = kept;
    if (before != null && before != kept) {
      try {
        before.toBytes(states.codec, out);
      } catch (RuntimeException e) {
        // No fault of the event that wants another state.
        throw new UnreadableStateException(
            "A state in %s can't be written, %s; it is lost with this process and comes again from its changelog"
                .formatted(name, e),
            e);
      }
    }
  }

  /**
   * What was restored is whole, and {@link #read} may tell of it. To be called when a processor of
   * the store is initialised, which Kafka Streams does behind restoring; it has no other sign of
   * that, and finds a store by its partition while it is still being restored.
   */
  public synchronized void serve() {
    whole = true;
  }

  /**
   * For other threads, of a partition that is processed here: reads the user's state while it
   * stands still; null for a user of whom nothing is known.
   *
   * <p>The state may be ahead of the last commit, by changes of a transaction that is still open.
   * It is always what the user's events up to one of them come to, for changes are made of
   * committed input, in its order; if the transaction is aborted, the same changes are made again.
   * A change that a fault ended half way is never read.
   *
   * @throws InvalidStateStoreException if the state is not here any more, or not whole
   * @throws UnreadableStateException if the changelog did not hold it whole
   */
  public synchronized <T> @Nullable T read(long fold, String user, Function<S, T> reading) {
    if (!whole) {
      throw new InvalidStateStoreException(name + " is being restored");
    }
    return readOpen(fold, user, reading);
  }

  /** Another number after each opening, so that what was known of the store can be told as old. */
  public synchronized long openings() {
    return openings;
  }

  /**
   * For other threads, of a partition that another instance processes and that is restored here
   * beside it: the same as {@link #read}, of what has arrived so far. Null says only that nothing
   * has arrived of the user.
   *
   * @param opening what {@link #openings} was when the store was known to be far enough
   * @throws InvalidStateStoreException if it was closed since
   * @throws UnreadableStateException if records of the user are still to come
   */
  public synchronized <T> @Nullable T readStandby(
      long opening, long fold, String user, Function<S, T> reading) {
    if (opening != openings) {
      throw new InvalidStateStoreException(name + " was opened again");
    }
    return readOpen(fold, user, reading);
  }

  private <T> @Nullable T readOpen(long fold, String user, Function<S, T> reading) {
    if (!open) {
      throw new InvalidStateStoreException(
          name + " is closed: its partition moves or is read again");
    }
    @Nullable Fold<S, C> states = folds.get(fold);
    @Nullable KeptState<S, C> kept = states == null ? null : states.users.get(user);
    if (states == null || kept == null) {
      return null;
    }
    if (kept.isChanging()) {
      throw new InvalidStateStoreException(
          name + " holds a change that failed half way; it is taken back");
    }
    return reading.apply(readable(kept).look(states.codec, name));
  }

  /** Number of states, of all folds. */
  public synchronized int size() {
    return folds.values().stream().mapToInt(states -> states.users.size()).sum();
  }

  private Fold<S, C> fold(long number) {
    @Nullable Fold<S, C> known = folds.get(number);
    if (known != null) {
      return known;
    }
    Fold<S, C> states = new Fold<>(codecs.apply(number));
    @Nullable Fold<S, C> before = folds.putIfAbsent(number, states);
    return before == null ? states : before;
  }

  private KeptState<S, C> readable(KeptState<S, C> kept) {
    if (kept.isTorn()) {
      // The user is not named: ids may be personal, and this is logged.
      throw new UnreadableStateException(
          "%s lacks changes of a user before change %d; rebuild the state from its input"
              .formatted(name, kept.number()));
    }
    return kept;
  }

  /**
   * Takes a record of the changelog.
   *
   * @param value belongs to the store from now on
   */
  void restore(byte[] key, byte[] value) {
    StateInput in = new StateInput(key, "A key in " + name);
    long fold = in.getCount();
    String user = in.getText();
    long slot = in.getCount();
    in.requireEnd();
    restore(fold(fold), user, slot, value);
  }

  private synchronized void restore(Fold<S, C> states, String user, long slot, byte[] value) {
    whole = false;
    // The first of each is read although it may not be needed yet: what this release can't read at
    // all is to stop it before it is ready, and not at the first event.
    if (slot == KeptState.WHOLE) {
      KeptState<S, C> kept = new KeptState<>(states.codec, value, name);
      if (!states.wholeRead) {
        kept.look(states.codec, name);
        states.wholeRead = true;
      }
      states.users.put(user, kept);
    } else {
      if (!states.changeRead) {
        KeptState.change(states.codec, value, name);
        states.changeRead = true;
      }
      states
          .users
          .computeIfAbsent(user, key -> new KeptState<>())
          .restore(states.codec, (int) slot, value, name);
    }
  }

  private static Bytes key(long fold, String user, int slot) {
    return Bytes.wrap(
        new StateOutput(user.length() + 8).putCount(fold).putText(user).putCount(slot).toBytes());
  }

  /**
   * For lookups by {@link org.apache.kafka.streams.StoreQueryParameters}, which must name the
   * partition.
   */
  public static <S, C> QueryableStoreType<UserStateStore<S, C>> ofOnePartition() {
    return new QueryableStoreType<>() {
      @Override
      public boolean accepts(StateStore store) {
        return store instanceof UserStateStore;
      }

      @Override
      public UserStateStore<S, C> create(StateStoreProvider provider, String name) {
        List<UserStateStore<S, C>> stores = provider.stores(name, this);
        if (stores.size() != 1) {
          throw new InvalidStateStoreException(
              "%s of the partition is not here to be read".formatted(name));
        }
        return stores.get(0);
      }
    };
  }

  // What Kafka Streams asks of a store

  @Override
  public String name() {
    return name;
  }

  @Override
  public synchronized void init(StateStoreContext context, StateStore root) {
    changelog.init(context, root);
    openings++;
    open = true;
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    // What is in memory only is committed with the changelog.
  }

  @Override
  public synchronized void close() {
    open = false;
    whole = false;
    folds.clear();
    changelog.close();
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public Position getPosition() {
    return position;
  }
}

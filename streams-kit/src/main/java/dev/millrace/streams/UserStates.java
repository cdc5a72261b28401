package dev.millrace.streams;

import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.StateHost;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Makes a {@link UserStateStore} for each task. The changelog is written by Kafka Streams' own
 * store layers, around one that keeps nothing.
 *
 * @param name of the store; its changelog is named after it
 * @param codecs of each fold that keeps states here, by its number, which stands on the changelog;
 *     asked while the changelog is read, too
 * @param loggingEnabled whether there is a changelog; without it, a state ends with its store
 */
public record UserStates<S, C>(
    String name, LongFunction<? extends StateCodec<S, C>> codecs, boolean loggingEnabled)
    implements StoreBuilder<UserStateStore<S, C>> {

  public UserStates(String name, LongFunction<? extends StateCodec<S, C>> codecs) {
    this(name, codecs, true);
  }

  /** For one fold. */
  public UserStates(String name, StateCodec<S, C> codec) {
    this(name, number -> of(number, name, codec));
  }

  private static <S, C> StateCodec<S, C> of(long number, String name, StateCodec<S, C> codec) {
    if (number != StateHost.ONLY) {
      throw new UnreadableStateException(
          "%s has a state of fold %d and only one fold; rebuild the state from its input"
              .formatted(name, number));
    }
    return codec;
  }

  @Override
  public UserStateStore<S, C> build() {
    Changelog changelog = new Changelog(name);
    if (!loggingEnabled) {
      return new UserStateStore<>(name, codecs, changelog);
    }
    UserStateStore<S, C> store =
        new UserStateStore<>(
            name,
            codecs,
            Stores.keyValueStoreBuilder(changelog, Serdes.Bytes(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(logConfig())
                .build());
    changelog.restoredBy = store::restore;
    return store;
  }

  /** A whole state may be as large as any derived record. */
  @Override
  public Map<String, String> logConfig() {
    return Map.of("max.message.bytes", Integer.toString(Topics.MAX_DERIVED_BYTES));
  }

  @Override
  public StoreBuilder<UserStateStore<S, C>> withCachingDisabled() {
    return this;
  }

  @Override
  public StoreBuilder<UserStateStore<S, C>> withCachingEnabled() {
    throw new UnsupportedOperationException("The state is in memory as it is");
  }

  @Override
  public StoreBuilder<UserStateStore<S, C>> withLoggingEnabled(Map<String, String> config) {
    throw new UnsupportedOperationException("The changelog is part of the store");
  }

  @Override
  public UserStates<S, C> withLoggingDisabled() {
    return new UserStates<>(name, codecs, false);
  }

  /** Keeps nothing: what is put passes through to the changelog around it. */
  private static final class Changelog
      implements KeyValueStore<Bytes, byte[]>, KeyValueBytesStoreSupplier {

    private final String name;
    private final Position position = Position.emptyPosition();
    private StateRestoreCallback restoredBy =
        (key, value) -> {
          throw new IllegalStateException("Nobody restores this store");
        };
    private boolean open;

    Changelog(String name) {
      this.name = name;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
      return this;
    }

    @Override
    public String metricsScope() {
      return "user-state";
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
      context.register(root, restoredBy);
      open = true;
    }

    @Override
    public void put(Bytes key, byte[] value) {}

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
      throw keepsNothing();
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {}

    @Override
    public byte[] delete(Bytes key) {
      throw keepsNothing();
    }

    @Override
    public byte[] get(Bytes key) {
      throw keepsNothing();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
      throw keepsNothing();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
      throw keepsNothing();
    }

    @Override
    public long approximateNumEntries() {
      return 0;
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {}

    @Override
    public void close() {
      open = false;
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

    private static UnsupportedOperationException keepsNothing() {
      return new UnsupportedOperationException("The changelog can't be read through its store");
    }
  }
}

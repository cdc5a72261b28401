package dev.millrace.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Digest128;
import dev.millrace.core.cleansing.LedgerCodec;
import dev.millrace.core.cleansing.UserLedger;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * One user's ledger in a store: an entry per remembered id, so that an event changes two entries
 * however much the user has done.
 *
 * <pre>
 * length of user, user, 0     → the head
 * length of user, user, 1, id → what was seen under that id
 * </pre>
 */
final class StoredLedger implements UserLedger {

  private static final byte HEAD = 0;
  private static final byte SEEN = 1;
  private static final int ID_BYTES = 2 * Long.BYTES;

  private final KeyValueStore<Bytes, byte[]> store;
  private final byte[] user;

  StoredLedger(KeyValueStore<Bytes, byte[]> store, String user) {
    this.store = store;
    this.user = user.getBytes(UTF_8);
  }

  @Override
  public @Nullable Head head() {
    byte[] value = store.get(headKey());
    return value == null ? null : LedgerCodec.head(value);
  }

  @Override
  public @Nullable Seen find(Digest128 eventId) {
    byte[] value = store.get(seenKey(eventId));
    return value == null ? null : LedgerCodec.seen(value);
  }

  @Override
  public void forEach(BiConsumer<Digest128, Seen> action) {
    byte[] prefix = prefix(SEEN, 0).array();
    try (KeyValueIterator<Bytes, byte[]> entries =
        store.prefixScan(prefix, (topic, data) -> data)) {
      while (entries.hasNext()) {
        KeyValue<Bytes, byte[]> entry = entries.next();
        ByteBuffer id = ByteBuffer.wrap(entry.key.get(), prefix.length, ID_BYTES);
        action.accept(new Digest128(id.getLong(), id.getLong()), LedgerCodec.seen(entry.value));
      }
    }
  }

  @Override
  public void apply(Change change) {
    change.forget().forEach(id -> store.delete(seenKey(id)));
    store.put(seenKey(change.remember()), LedgerCodec.write(change.seen()));
    store.put(headKey(), LedgerCodec.write(change.head()));
  }

  private Bytes headKey() {
    return Bytes.wrap(prefix(HEAD, 0).array());
  }

  private Bytes seenKey(Digest128 id) {
    return Bytes.wrap(prefix(SEEN, ID_BYTES).putLong(id.high()).putLong(id.low()).array());
  }

  /** The length comes first, so that no user's keys begin like another's. */
  private ByteBuffer prefix(byte kind, int more) {
    return ByteBuffer.allocate(Integer.BYTES + user.length + 1 + more)
        .putInt(user.length)
        .put(user)
        .put(kind);
  }
}

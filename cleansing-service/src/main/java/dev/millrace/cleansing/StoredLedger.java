package dev.millrace.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.UnreadableStateException;
import dev.millrace.core.UserLedger;
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

  /** First byte of every value. */
  private static final byte FORMAT = 1;

  private static final byte HEAD = 0;
  private static final byte SEEN = 1;
  private static final int HEAD_BYTES = 1 + 3 * Long.BYTES + Integer.BYTES;
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
    if (value == null) {
      return null;
    }
    ByteBuffer in = content(value);
    return new Head(in.getLong(), in.getLong(), in.getInt(), in.getLong());
  }

  @Override
  public @Nullable Seen find(Digest128 eventId) {
    byte[] value = store.get(seenKey(eventId));
    return value == null ? null : seen(value);
  }

  @Override
  public void forEach(BiConsumer<Digest128, Seen> action) {
    byte[] prefix = prefix(SEEN, 0).array();
    try (KeyValueIterator<Bytes, byte[]> entries =
        store.prefixScan(prefix, (topic, data) -> data)) {
      while (entries.hasNext()) {
        KeyValue<Bytes, byte[]> entry = entries.next();
        ByteBuffer id = ByteBuffer.wrap(entry.key.get(), prefix.length, ID_BYTES);
        action.accept(new Digest128(id.getLong(), id.getLong()), seen(entry.value));
      }
    }
  }

  @Override
  public void apply(Change change) {
    change.forget().forEach(id -> store.delete(seenKey(id)));
    store.put(seenKey(change.remember()), bytes(change.seen()));
    Head head = change.head();
    store.put(
        headKey(),
        ByteBuffer.allocate(HEAD_BYTES)
            .put(FORMAT)
            .putLong(head.watermark())
            .putLong(head.floor())
            .putInt(head.remembered())
            .putLong(head.sweptAt())
            .array());
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

  private static byte[] bytes(Seen seen) {
    byte[] topicId = seen.origin().topicId().getBytes(UTF_8);
    return ByteBuffer.allocate(1 + 4 * Long.BYTES + Integer.BYTES + topicId.length)
        .put(FORMAT)
        .putLong(seen.eventTime())
        .putLong(seen.content().high())
        .putLong(seen.content().low())
        .putInt(seen.origin().partition())
        .putLong(seen.origin().offset())
        .put(topicId)
        .array();
  }

  private static Seen seen(byte[] value) {
    ByteBuffer in = content(value);
    long eventTime = in.getLong();
    Digest128 content = new Digest128(in.getLong(), in.getLong());
    int partition = in.getInt();
    long offset = in.getLong();
    String topicId = UTF_8.decode(in).toString();
    return new Seen(eventTime, content, new Origin(topicId, partition, offset));
  }

  private static ByteBuffer content(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    if (value.length < HEAD_BYTES || in.get() != FORMAT) {
      throw new UnreadableStateException(
          "A ledger entry is not in format %d, which this release reads; run the release that wrote it, or rebuild the state"
              .formatted(FORMAT));
    }
    return in;
  }
}

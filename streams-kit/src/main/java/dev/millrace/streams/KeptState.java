package dev.millrace.streams;

import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.core.state.UnreadableStateException;
import org.jspecify.annotations.Nullable;

/**
 * One user's state as a store keeps it: an object, or bytes of which the object is made again. The
 * bytes are those of the changelog, a whole state and the changes behind it.
 *
 * @param <S> a user's state
 * @param <C> what one event changes in it
 */
final class KeptState<S, C> {

  /** A state that takes more bytes stays an object: making it again costs about a µs a KiB. */
  static final int LARGE = 1_024;

  static final int WHOLE = 0;

  /** Below so many changes no whole state is written, however small it is. */
  private static final int LEAST_CHANGES = 15;

  private static final byte[] NOTHING = {};

  /** One byte in so many is left free, since states grow. */
  private static final int SLACK = 8;

  /** Null while the state is bytes. */
  private @Nullable S object;

  /** A whole state as on the changelog, with its number; the object may be ahead of it. */
  private byte[] bytes = NOTHING;

  private int length;

  /** Restored changes behind the bytes, each with its length, oldest first. */
  private byte[] behind = NOTHING;

  /** Number of the last change; the first is 1. */
  private long number;

  /** Changes since the whole state on the changelog. */
  private int changes;

  /** How many bytes of changes may still be written until the whole state is. */
  private int room;

  /** Whether the object says what the bytes don't. */
  private boolean ahead;

  /** Changes lack between the state and the number; a whole state must follow. */
  private boolean torn;

  /** A change is half done; it stays so if a fault ended it, until the transaction is undone. */
  private boolean changing;

  /** Of a user of whom nothing is known. */
  KeptState() {}

  /**
   * A whole state from the changelog.
   *
   * @param value kept, and written over later
   */
  KeptState(StateCodec<S, C> codec, byte[] value, String store) {
    number = number(value, "A state in " + store);
    room = value.length;
    bytes = value;
    length = value.length;
    if (length > LARGE) {
      object = read(codec, store);
      forgetBytes();
    }
  }

  private void forgetBytes() {
    bytes = NOTHING;
    length = 0;
    ahead = true;
  }

  /** Number of the last change. */
  long number() {
    return number;
  }

  /** Whether changes are missing: what is known of the user is less than was. */
  boolean isTorn() {
    return torn;
  }

  /** Whether a fault ended a change half way. */
  boolean isChanging() {
    return changing;
  }

  boolean isObject() {
    return object != null;
  }

  /**
   * The state as an object, which it stays until {@link #toBytes}.
   *
   * @param store for messages
   */
  S toObject(StateCodec<S, C> codec, String store) {
    if (object == null) {
      object = read(codec, store);
      ahead = length == 0 || behind.length > 0;
      behind = NOTHING;
    }
    return object;
  }

  /** The state, to look at it once: it stays what it is. */
  S look(StateCodec<S, C> codec, String store) {
    return object == null ? read(codec, store) : object;
  }

  private S read(StateCodec<S, C> codec, String store) {
    try {
      S state;
      if (length == 0) {
        state = codec.start();
      } else {
        StateInput in = new StateInput(bytes, length, "A state in " + store);
        in.getCount();
        state = codec.read(in);
      }
      StateInput changes = new StateInput(behind, "Changes in " + store);
      while (!changes.isAtEnd()) {
        codec.apply(state, change(codec, changes.getBytes(), store));
      }
      return state;
    } catch (UnreadableStateException e) {
      throw e;
    } catch (RuntimeException e) {
      // Whatever it is, it is no fault of the event that asks for the state.
      throw new UnreadableStateException(
          "A state in %s can't be made again, %s; run the release that wrote it, or rebuild it from its input"
              .formatted(store, e),
          e);
    }
  }

  /** The change that a record of the changelog holds. */
  static <C> C change(StateCodec<?, C> codec, byte[] value, String store) {
    StateInput in = new StateInput(value, "A change in " + store);
    in.getCount();
    return codec.readChange(in);
  }

  /**
   * Makes bytes of the object again, unless they are many. What a fault left half way is left as it
   * is: it may be nothing that can be written.
   */
  void toBytes(StateCodec<S, C> codec, StateOutput out) {
    if (object == null || changing) {
      return;
    }
    if (ahead) {
      codec.write(object, out.clear().putCount(number));
      if (out.length() > LARGE) {
        forgetBytes();
        return;
      }
      length = out.length();
      if (bytes.length < length || bytes.length > 2 * length) {
        bytes = new byte[length + length / SLACK];
      }
      out.copyTo(bytes);
      ahead = false;
    }
    object = null;
  }

  /**
   * Changes the object, and writes what the changelog is to hold of that; {@link #changed} must
   * follow when it does.
   *
   * @return the slot for it
   */
  int apply(StateCodec<S, C> codec, S state, C change, StateOutput out) {
    changing = true;
    codec.apply(state, change);
    ahead = true;
    number++;
    out.clear().putCount(number);
    if (changes >= LEAST_CHANGES && room <= 0) {
      codec.write(state, out);
      changes = 0;
      room = out.length();
    } else {
      codec.writeChange(change, out);
      changes++;
      room -= out.length();
    }
    return changes;
  }

  void changed() {
    changing = false;
  }

  /**
   * Takes the next change from the changelog.
   *
   * @param slot of the change on the changelog
   */
  void restore(StateCodec<S, C> codec, int slot, byte[] value, String store) {
    long restored = number(value, "A change in " + store);
    if (restored != number + 1 || torn) {
      // Left over in a slot from before a whole state, which is still to come.
      torn = true;
      number = restored;
      return;
    }
    if (object == null) {
      behind =
          new StateOutput(behind.length + value.length + 2)
              .putUncounted(behind)
              .putBytes(value)
              .toBytes();
    } else {
      codec.apply(object, change(codec, value, store));
      ahead = true;
    }
    number = restored;
    changes = slot;
    room -= value.length;
  }

  private static long number(byte[] value, String what) {
    return new StateInput(value, what).getCount();
  }
}

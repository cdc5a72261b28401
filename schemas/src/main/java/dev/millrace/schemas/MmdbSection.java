package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values in a part of an MMDB file: texts, numbers, maps and arrays, one after the other, where a
 * pointer may stand for a value that is written elsewhere in the part. Nothing is copied but the
 * texts that are asked for, and nothing outside the part is ever read.
 */
@SuppressWarnings("ArrayRecordComponent") // a view of the file, never compared
record MmdbSection(byte[] bytes, int start, int end) {

  /** Bytes that do not follow the format; the message says where. */
  static final class MalformedException extends RuntimeException {
    MalformedException(String message, Object... values) {
      super(message.formatted(values), null, false, false);
    }
  }

  /** In the order of their numbers in the format. */
  enum Type {
    EXTENDED,
    POINTER,
    STRING,
    DOUBLE,
    BYTES,
    UINT16,
    UINT32,
    MAP,
    INT32,
    UINT64,
    UINT128,
    ARRAY,
    CACHE,
    END,
    BOOLEAN,
    FLOAT;

    private static final Type[] BY_NUMBER = values();
  }

  /**
   * @param size bytes of a scalar, entries of a map, elements of an array, 0 or 1 of a boolean; of
   *     a pointer, the offset it points at
   * @param begin offset of what follows the head
   */
  record Value(Type type, int size, int begin) {

    /** How many bytes it has itself, behind its head. */
    private int bytes() {
      return switch (type) {
        case MAP, ARRAY, BOOLEAN, POINTER -> 0;
        default -> size;
      };
    }

    /** Offset behind it, or of the first thing in a map or array. */
    int next() {
      return begin + bytes();
    }

    /** How many values follow that belong to it. */
    long children() {
      return type == Type.MAP ? 2L * size : type == Type.ARRAY ? size : 0;
    }
  }

  private static final int[] POINTER_BASE = {0, 2_048, 526_336, 0};

  /** The value whose head is there; a pointer is not followed. */
  Value at(int offset) {
    int control = byteAt(offset);
    int type = control >>> 5;
    int next = offset + 1;
    boolean extended = false;
    if (type == Type.POINTER.ordinal()) {
      return pointer(control, next);
    }
    if (type == Type.EXTENDED.ordinal()) {
      type = Type.MAP.ordinal() + byteAt(next++);
      extended = true;
    }
    boolean known = type < Type.BY_NUMBER.length && (!extended || type > Type.MAP.ordinal());
    if (!known) {
      throw new MalformedException("a value of an unknown type at byte %d", offset);
    }
    int size = control & 0x1f;
    if (size >= 29) {
      int more = size - 28;
      size = (int) unsigned(next, more) + (more == 1 ? 29 : more == 2 ? 285 : 65_821);
      next += more;
    }
    Value value = new Value(Type.BY_NUMBER[type], size, next);
    // Each of what is announced takes a byte at least.
    if (value.bytes() + value.children() > end - next) {
      throw new MalformedException(
          "a value at byte %d that is longer than what is left of the file", offset);
    }
    return value;
  }

  private Value pointer(int control, int next) {
    int more = (control >>> 3 & 3) + 1;
    long high = more == 4 ? 0 : (long) (control & 7) << (8 * more);
    long target = start + high + unsigned(next, more) + POINTER_BASE[more - 1];
    if (target >= end) {
      throw new MalformedException("a pointer at byte %d that leads out of the file", next - 1);
    }
    return new Value(Type.POINTER, (int) target, next + more);
  }

  /** The value that is there or that a pointer there stands for. */
  Value resolved(int offset) {
    Value value = at(offset);
    if (value.type() != Type.POINTER) {
      return value;
    }
    Value target = at(value.size());
    if (target.type() == Type.POINTER) {
      throw new MalformedException("a pointer at byte %d that leads to a pointer", offset);
    }
    return target;
  }

  /** The offset behind the value, with all that belongs to it. */
  int after(int offset) {
    int next = offset;
    for (long pending = 1; pending > 0; pending--) {
      Value value = at(next);
      next = value.next();
      pending += value.children();
    }
    return next;
  }

  /** The member of a map; null if it has none of that name, or if this is no map. */
  @Nullable Value member(@Nullable Value map, byte[] name) {
    if (map == null || map.type() != Type.MAP) {
      return null;
    }
    int next = map.begin();
    for (int i = 0; i < map.size(); i++) {
      Value key = resolved(next);
      next = after(next);
      if (key.type() == Type.STRING
          && Arrays.equals(bytes, key.begin(), key.next(), name, 0, name.length)) {
        return resolved(next);
      }
      next = after(next);
    }
    return null;
  }

  /** The first element of an array; null if it is empty or no array. */
  @Nullable Value first(@Nullable Value array) {
    return array == null || array.type() != Type.ARRAY || array.size() == 0
        ? null
        : resolved(array.begin());
  }

  /** The text; null if this is none. */
  @Nullable String text(@Nullable Value value) {
    return value == null || value.type() != Type.STRING
        ? null
        : new String(bytes, value.begin(), value.size(), UTF_8);
  }

  /**
   * Whether a string is one.
   *
   * @throws MalformedException if it is not in UTF-8
   */
  void requireText(Value string) {
    int next = string.begin();
    while (next < string.next() && bytes[next] >= 0) {
      next++;
    }
    if (next == string.next()) {
      return; // all ASCII, as most are
    }
    try {
      CharBuffer unused =
          UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, next, string.next() - next));
    } catch (CharacterCodingException e) {
      throw new MalformedException("a text at byte %d that is not in UTF-8", string.begin());
    }
  }

  /** A number that a file's own description must give. */
  long number(Value map, String name) {
    @Nullable Value value = member(map, name.getBytes(UTF_8));
    boolean whole =
        value != null
            && (value.type() == Type.UINT16 || value.type() == Type.UINT32)
            && value.size() <= Integer.BYTES;
    if (value == null || !whole) {
      throw new MalformedException("no number %s in its metadata", name);
    }
    return unsigned(value.begin(), value.size());
  }

  private long unsigned(int offset, int length) {
    long number = 0;
    for (int i = 0; i < length; i++) {
      number = number << 8 | byteAt(offset + i);
    }
    return number;
  }

  private int byteAt(int offset) {
    if (offset < start || offset >= end) {
      throw new MalformedException("an end at byte %d, in the middle of a value", offset);
    }
    return bytes[offset] & 0xff;
  }
}

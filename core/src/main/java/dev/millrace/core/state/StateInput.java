package dev.millrace.core.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * Bytes of a state as {@link StateOutput} wrote them. Whatever they are, they are read as far as
 * they go or refused by {@link UnreadableStateException}, and never make room for more than they
 * hold.
 */
public final class StateInput {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private final int end;
  private final String what;
  private int position;

  /**
   * @param what the bytes should be, for messages: a noun with its article
   */
  public StateInput(byte[] bytes, String what) {
    this(bytes, bytes.length, what);
  }

  /**
   * @param end how many of the bytes it is; those behind are never looked at
   * @param what the bytes should be, for messages: a noun with its article
   */
  public StateInput(byte[] bytes, int end, String what) {
    this.bytes = bytes;
    this.end = Objects.checkIndex(end, bytes.length + 1);
    this.what = what;
  }

  /** Reads the format number that a codec begins with. */
  public void requireFormat(int format) {
    int written = getByte();
    if (written != format) {
      throw new UnreadableStateException(
          "%s is in format %d and this release reads %d; run the release that wrote it, or rebuild the state"
              .formatted(what, written, format));
    }
  }

  /** 0 to 255. */
  public int getByte() {
    require(1);
    return bytes[position++] & 0xff;
  }

  public long getLong() {
    require(Long.BYTES);
    long value = (long) LONG.get(bytes, position);
    position += Long.BYTES;
    return value;
  }

  /** What {@link StateOutput#putCount} wrote. */
  public long getCount() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = getByte();
      value |= (next & 0x7fL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw damaged();
  }

  /** What {@link StateOutput#putSigned} wrote. */
  public long getSigned() {
    long value = getCount();
    return (value >>> 1) ^ -(value & 1);
  }

  /**
   * How many things follow, of which each takes at least so many bytes.
   *
   * @param leastBytes &gt;= 1
   */
  public int getSize(int leastBytes) {
    long size = getCount();
    if (size < 0 || size > (end - position) / leastBytes) {
      throw damaged();
    }
    return (int) size;
  }

  /** What {@link StateOutput#putBytes} wrote. */
  public byte[] getBytes() {
    int length = getSize(1);
    byte[] value = Arrays.copyOfRange(bytes, position, position + length);
    position += length;
    return value;
  }

  public boolean isAtEnd() {
    return position == end;
  }

  public String getText() {
    int length = getSize(1);
    String text = new String(bytes, position, length, UTF_8);
    position += length;
    return text;
  }

  public void requireEnd() {
    if (!isAtEnd()) {
      throw new UnreadableStateException(
          "%s of %d bytes goes on after its end; rebuild the state".formatted(what, end));
    }
  }

  /** For what can't be right although there are bytes enough. */
  public UnreadableStateException damaged() {
    return new UnreadableStateException(
        "%s of %d bytes is cut off or damaged; rebuild the state".formatted(what, end));
  }

  private void require(int more) {
    if (end - position < more) {
      throw damaged();
    }
  }
}

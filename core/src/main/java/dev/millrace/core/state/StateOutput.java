package dev.millrace.core.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bytes of a state as they are written; {@link StateInput} reads them. */
public final class StateOutput {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Room that is kept for the next use. */
  private static final int MOST_KEPT = 64 * 1024;

  private byte[] bytes;
  private int length;

  /**
   * @param expected number of bytes; more may come
   */
  public StateOutput(int expected) {
    this.bytes = new byte[Math.max(expected, 16)];
  }

  public StateOutput putByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /** Eight bytes, whatever the value. */
  public StateOutput putLong(long value) {
    reserve(Long.BYTES);
    LONG.set(bytes, length, value);
    length += Long.BYTES;
    return this;
  }

  /** One to ten bytes, few for values that are small and not negative. */
  public StateOutput putCount(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  /** One to ten bytes, few for values near 0. */
  public StateOutput putSigned(long value) {
    return putCount((value << 1) ^ (value >> 63));
  }

  /** A length and as many bytes of UTF-8. */
  public StateOutput putText(String text) {
    return putBytes(text.getBytes(UTF_8));
  }

  public int length() {
    return length;
  }

  /** A length and as many bytes. */
  public StateOutput putBytes(byte[] value) {
    return putCount(value.length).putUncounted(value);
  }

  /** Bytes as they are, without their length. */
  public StateOutput putUncounted(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  /** Lets go of what was written, to be used again; of much room, too. */
  public StateOutput clear() {
    length = 0;
    if (bytes.length > MOST_KEPT) {
      bytes = new byte[MOST_KEPT];
    }
    return this;
  }

  /**
   * @param into at least as long as what was written; what lies behind is left as it is
   */
  public void copyTo(byte[] into) {
    System.arraycopy(bytes, 0, into, 0, length);
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}

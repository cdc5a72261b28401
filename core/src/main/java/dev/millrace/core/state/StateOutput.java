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
    byte[] utf8 = text.getBytes(UTF_8);
    putCount(utf8.length);
    reserve(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    return this;
  }

  public int length() {
    return length;
  }

  /** Lets go of what was written, to be used again. */
  public StateOutput clear() {
    length = 0;
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

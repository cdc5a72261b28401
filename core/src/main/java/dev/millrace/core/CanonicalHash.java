package dev.millrace.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hashes typed values so that equal values give equal hashes on every machine and in every release.
 *
 * <p>Each value is written as one tag byte, then fixed-width big-endian numbers or a length and
 * UTF-8 bytes; no two different lists of values share an encoding.
 */
public final class CanonicalHash {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Never fed, only copied: to look the algorithm up costs as much as to hash a field. */
  private static final MessageDigest EMPTY = lookUp();

  private byte[] bytes = new byte[512];
  private int length;

  public static CanonicalHash start() {
    return new CanonicalHash();
  }

  private CanonicalHash() {}

  /**
   * Adds one value.
   *
   * @throws IllegalArgumentException for a type that has no canonical form here
   */
  public CanonicalHash add(@Nullable Object value) {
    if (value == null) {
      reserve(1);
      bytes[length++] = '0';
    } else if (value instanceof String text) {
      bytes('s', text.getBytes(UTF_8));
    } else if (value instanceof Long integer) {
      number('l', integer);
    } else if (value instanceof Integer integer) {
      number('l', integer);
    } else if (value instanceof Boolean bool) {
      number('b', bool ? 1 : 0);
    } else if (value instanceof Double real) {
      // +0.0 turns -0.0 into 0.0: the two are equal to every reader.
      number('d', Double.doubleToLongBits(real + 0.0));
    } else if (value instanceof Instant time) {
      number('t', Micros.of(time));
    } else if (value instanceof BigDecimal decimal) {
      bytes('n', decimal.stripTrailingZeros().toPlainString().getBytes(UTF_8));
    } else if (value instanceof byte[] raw) {
      bytes('x', raw);
    } else if (value instanceof List<?> list) {
      number('[', list.size());
      list.forEach(this::add);
    } else {
      throw new IllegalArgumentException("No canonical form for " + value.getClass().getName());
    }
    return this;
  }

  /** The first 128 bits. */
  public Digest128 digest128() {
    ByteBuffer digest = ByteBuffer.wrap(digest());
    return new Digest128(digest.getLong(), digest.getLong());
  }

  /** 64 lower-case hexadecimal digits. */
  public String hex() {
    return HexFormat.of().formatHex(digest());
  }

  private byte[] digest() {
    MessageDigest sha256 = sha256();
    sha256.update(bytes, 0, length);
    return sha256.digest();
  }

  /** SHA-256 of the bytes alone, as {@code sha256sum} prints it. */
  public static String sha256Hex(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private void number(char tag, long value) {
    reserve(1 + Long.BYTES);
    bytes[length++] = (byte) tag;
    LONG.set(bytes, length, value);
    length += Long.BYTES;
  }

  private void bytes(char tag, byte[] value) {
    number(tag, value.length);
    reserve(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  private static MessageDigest sha256() {
    try {
      return (MessageDigest) EMPTY.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of this Java platform can't be copied", e);
    }
  }

  private static MessageDigest lookUp() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one has not", e);
    }
  }
}

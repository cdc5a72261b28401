package dev.millrace.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
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

  private final MessageDigest sha256 = sha256();
  private final ByteBuffer number = ByteBuffer.allocate(1 + Long.BYTES);

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
      sha256.update((byte) '0');
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

  /** The first 128 bits; this object can't be used again. */
  public Digest128 digest128() {
    ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
    return new Digest128(digest.getLong(), digest.getLong());
  }

  /** 64 lower-case hexadecimal digits; this object can't be used again. */
  public String hex() {
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** SHA-256 of the bytes alone, as {@code sha256sum} prints it. */
  public static String sha256Hex(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private void number(char tag, long value) {
    number.clear().put((byte) tag).putLong(value);
    sha256.update(number.flip());
  }

  private void bytes(char tag, byte[] value) {
    number(tag, value.length);
    sha256.update(value);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one has not", e);
    }
  }
}

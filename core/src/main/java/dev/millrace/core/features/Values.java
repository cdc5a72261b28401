package dev.millrace.core.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Digest128;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import org.jspecify.annotations.Nullable;

/** Values of inputs in bytes: a tag, then the value. */
final class Values {

  private static final int ABSENT = 0;
  private static final int LONG = 1;
  private static final int DOUBLE = 2;
  private static final int STRING = 3;
  private static final int FALSE = 4;
  private static final int TRUE = 5;
  private static final int DIGEST = 6;

  /**
   * Longest text that a feature remembers, in bytes of UTF-8; what a contract lets pass beyond it
   * is cut at a character.
   */
  static final int LONGEST_TEXT = 256;

  private Values() {}

  static void write(@Nullable Object value, StateOutput out) {
    if (value == null) {
      out.putByte(ABSENT);
    } else if (value instanceof Long number) {
      out.putByte(LONG).putSigned(number);
    } else if (value instanceof Double real) {
      out.putByte(DOUBLE).putLong(Double.doubleToLongBits(real));
    } else if (value instanceof String text) {
      out.putByte(STRING).putText(text);
    } else if (value instanceof Boolean truth) {
      out.putByte(truth ? TRUE : FALSE);
    } else if (value instanceof Digest128 digest) {
      out.putByte(DIGEST).putLong(digest.high()).putLong(digest.low());
    } else {
      throw new IllegalArgumentException("No feature folds a " + value.getClass().getName());
    }
  }

  static @Nullable Object read(StateInput in) {
    return switch (in.getByte()) {
      case ABSENT -> null;
      case LONG -> in.getSigned();
      case DOUBLE -> Double.longBitsToDouble(in.getLong());
      case STRING -> in.getText();
      case FALSE -> false;
      case TRUE -> true;
      case DIGEST -> new Digest128(in.getLong(), in.getLong());
      default -> throw in.damaged();
    };
  }

  /** A present value. */
  static Object readPresent(StateInput in) {
    Object value = read(in);
    if (value == null) {
      throw in.damaged();
    }
    return value;
  }

  /** The text, cut so that its length has a bound. */
  static String bounded(String text) {
    if (text.length() <= LONGEST_TEXT / 3) {
      return text;
    }
    byte[] utf8 = text.getBytes(UTF_8);
    if (utf8.length <= LONGEST_TEXT) {
      return text;
    }
    int end = LONGEST_TEXT;
    while ((utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(utf8, 0, end, UTF_8);
  }
}

package dev.millrace.core;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Sums in words of 64 bits, the highest first and signed, so that nothing overflows or rounds. */
public final class Exact {

  private Exact() {}

  /** Adds a number to the two words that begin at the place. */
  public static void add(long[] words, int at, long value) {
    long low = words[at + 1] + value;
    words[at] += (value >> 63) + carry(low, value);
    words[at + 1] = low;
  }

  /** Adds the square of a number to the three words that begin at the place. */
  public static void addSquare(long[] words, int at, long value) {
    long high = Math.multiplyHigh(value, value);
    long low = value * value;
    long sumLow = words[at + 2] + low;
    long carried = carry(sumLow, low);
    long sumMiddle = words[at + 1] + carried;
    words[at] += carry(sumMiddle, carried);
    long middle = sumMiddle + high;
    words[at] += carry(middle, high);
    words[at + 1] = middle;
    words[at + 2] = sumLow;
  }

  /** Adds the words of another such sum, as many of them. */
  public static void addWords(long[] words, int at, long[] others, int from, int count) {
    long carried = 0;
    for (int i = count - 1; i >= 0; i--) {
      long sum = words[at + i] + others[from + i];
      long next = carry(sum, others[from + i]);
      long total = sum + carried;
      next += carry(total, carried);
      words[at + i] = total;
      carried = next;
    }
  }

  /** 1 if the sum of two unsigned words, one of them the addend, went beyond 64 bits. */
  private static long carry(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }

  public static BigInteger toBigInteger(long[] words, int at, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES);
    bytes.asLongBuffer().put(words, at, count);
    return new BigInteger(bytes.array());
  }

  /** Two words as one, held at the ends of 64 bits. */
  public static long saturated(long high, long low) {
    if (high == (low >> 63)) {
      return low;
    }
    return high < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  /** Two words as the nearest double. */
  public static double toDouble(long high, long low) {
    return high == (low >> 63)
        ? (double) low
        : toBigInteger(new long[] {high, low}, 0, 2).doubleValue();
  }
}

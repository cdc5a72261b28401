package dev.millrace.core;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** Millionths: of a second for times, of a unit for amounts. */
public final class Micros {

  public static final long PER_UNIT = 1_000_000;

  private Micros() {}

  /**
   * Microseconds since 1970 UTC; a finer time is cut down.
   *
   * @throws DateTimeException beyond about 292 000 years from 1970
   */
  public static long of(Instant time) {
    try {
      long seconds = time.getEpochSecond();
      long micros = time.getNano() / 1_000;
      // The first second of all begins before the first microsecond that there is.
      return seconds < 0
          ? Math.addExact(Math.multiplyExact(seconds + 1, PER_UNIT), micros - PER_UNIT)
          : Math.addExact(Math.multiplyExact(seconds, PER_UNIT), micros);
    } catch (ArithmeticException e) {
      throw new DateTimeException("Time is out of range: " + time, e);
    }
  }

  public static long of(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), PER_UNIT), duration.getNano() / 1_000);
  }

  public static Instant toInstant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, PER_UNIT), Math.floorMod(micros, PER_UNIT) * 1_000);
  }

  /**
   * An amount × 10⁶, rounded half to even.
   *
   * @throws ArithmeticException if it doesn't fit into 64 bits
   */
  public static long of(BigDecimal amount) {
    // A hostile exponent (1e999999999) must not make the shift below build a giant number.
    if (amount.signum() != 0 && amount.precision() - (long) amount.scale() > 13) {
      throw new ArithmeticException("Amount is out of range");
    }
    if (amount.signum() == 0 || amount.precision() - (long) amount.scale() < -7) {
      return 0;
    }
    return amount.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
  }
}

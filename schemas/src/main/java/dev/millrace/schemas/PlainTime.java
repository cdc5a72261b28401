package dev.millrace.schemas;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/**
 * Reads 2026-01-01T12:00:00Z, with or without a fraction of the second, as nearly all producers
 * write a time: a formatter says the same and takes ten times as long.
 */
final class PlainTime {

  private static final String FORM = "0000-00-00T00:00:00";
  private static final int MOST_DECIMALS = 9;
  private static final long SECONDS_PER_DAY = 86_400;

  private PlainTime() {}

  /** Null for all that is written otherwise, or is no time; that is left to the formatter. */
  static @Nullable Instant read(String text) {
    int end = text.length() - 1;
    int decimals = end - FORM.length() - 1;
    if (!isPlain(text, end, decimals)) {
      return null;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) {
      return null;
    }
    if (day > YearMonth.of(year, month).lengthOfMonth()) {
      return null;
    }
    long seconds =
        LocalDate.of(year, month, day).toEpochDay() * SECONDS_PER_DAY
            + hour * 3_600
            + minute * 60
            + second;
    return Instant.ofEpochSecond(seconds, nanos(text, end, decimals));
  }

  /**
   * @param end where the Z must stand
   * @param decimals -1 without a point
   */
  private static boolean isPlain(String text, int end, int decimals) {
    if (decimals < -1 || decimals == 0 || decimals > MOST_DECIMALS || text.charAt(end) != 'Z') {
      return false;
    }
    for (int i = 0; i < end; i++) {
      char expected = i < FORM.length() ? FORM.charAt(i) : i == FORM.length() ? '.' : '0';
      char c = text.charAt(i);
      if (expected == '0' ? c < '0' || c > '9' : c != expected) {
        return false;
      }
    }
    return true;
  }

  private static int nanos(String text, int end, int decimals) {
    int nanos = decimals < 0 ? 0 : number(text, FORM.length() + 1, end);
    for (int i = Math.max(decimals, 0); i < MOST_DECIMALS; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }
}

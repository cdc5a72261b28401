package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTimeTest {

  private static final String DIGITS = "0123456789";
  private static final String ODD = DIGITS + "TZtz:-+. ";

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 20);
  }

  /** As the formatter reads it; null if it is no time to it. */
  private static @Nullable Instant slowly(String text) {
    try {
      return OffsetDateTime.parse(text, DateTimeFormatter.ISO_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aTimeIsWhatTheFormatterSays(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      String text = plain(random);
      @Nullable Instant expected = slowly(text);

      assertThat(PlainTime.read(text)).as(text).isEqualTo(expected);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverElseIsTakenMeansThatToTheFormatterToo(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(plain(random));
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, ODD.charAt(random.nextInt(ODD.length())));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, ODD.charAt(random.nextInt(ODD.length())));
        }
      }
      @Nullable Instant read = PlainTime.read(text.toString());

      if (read != null) {
        assertThat(read).as(text.toString()).isEqualTo(slowly(text.toString()));
      }
    }
  }

  @Test
  void readsTheCommonForms() {
    assertThat(PlainTime.read("2026-01-01T12:00:00Z")).isEqualTo("2026-01-01T12:00:00Z");
    assertThat(PlainTime.read("2024-02-29T23:59:59.123456789Z"))
        .isEqualTo("2024-02-29T23:59:59.123456789Z");
    assertThat(PlainTime.read("1969-12-31T23:59:59.5Z")).isEqualTo("1969-12-31T23:59:59.500Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2026-01-01T12:00:00",
        "2026-01-01T12:00:00.Z",
        "2026-01-01T12:00:00.1234567890Z",
        "2026-01-01T12:00:00+00:00",
        "2026-01-01t12:00:00z",
        "2026-01-01T12:00Z",
        "2025-02-29T12:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T12:00:60Z",
        "2026-13-01T12:00:00Z",
        "2026-00-01T12:00:00Z",
        "2026-01-00T12:00:00Z",
        "٢٠٢٦-01-01T12:00:00Z",
        "+2026-01-01T12:00:00Z"
      })
  void leavesTheRestToTheFormatter(String text) {
    assertThat(PlainTime.read(text)).isNull();
  }

  /** In the plain form; a field is now and then out of its range. */
  private static String plain(Random random) {
    String fraction =
        random.nextBoolean()
            ? ""
            : "."
                + DIGITS
                    .repeat(2)
                    .substring(random.nextInt(10))
                    .substring(0, 1 + random.nextInt(9));
    return "%04d-%02d-%02dT%02d:%02d:%02d%sZ"
        .formatted(
            random.nextInt(10_000),
            random.nextInt(14),
            random.nextInt(33),
            random.nextInt(25),
            random.nextInt(61),
            random.nextInt(61),
            fraction);
  }
}

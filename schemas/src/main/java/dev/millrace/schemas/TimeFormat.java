package dev.millrace.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.Micros;
import dev.millrace.core.Reason;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a time is written in a payload; equal if declared by the same words. */
public final class TimeFormat {

  /** A text such as 2026-01-01T12:00:00Z; without an offset it is local to the declared zone. */
  public static final TimeFormat ISO_8601 =
      new TimeFormat("iso_8601", DateTimeFormatter.ISO_DATE_TIME, BigDecimal.ONE);

  private static final Map<String, TimeFormat> NAMED =
      Map.of(
          ISO_8601.text,
          ISO_8601,
          "epoch_seconds",
          new TimeFormat("epoch_seconds", null, BigDecimal.ONE),
          "epoch_millis",
          new TimeFormat("epoch_millis", null, new BigDecimal("0.001")),
          "epoch_micros",
          new TimeFormat("epoch_micros", null, new BigDecimal("0.000001")));

  private static final String PATTERN = "pattern:";

  /** Every part of it differs from what a missing part would be taken for. */
  private static final ZonedDateTime SAMPLE =
      ZonedDateTime.of(2026, 11, 22, 13, 14, 15, 0, ZoneOffset.UTC);

  private final String text;
  private final @Nullable DateTimeFormatter formatter;
  private final BigDecimal epochUnit;

  /**
   * @param formatter null if it is a number
   * @param epochUnit seconds that the number counts
   */
  private TimeFormat(String text, @Nullable DateTimeFormatter formatter, BigDecimal epochUnit) {
    this.text = text;
    this.formatter = formatter;
    this.epochUnit = epochUnit;
  }

  /**
   * @param text a name, or {@code pattern:} and a pattern of {@link DateTimeFormatter}, with
   *     English names
   * @throws IllegalArgumentException with what to do, if it is neither
   */
  static TimeFormat of(String text) {
    TimeFormat named = NAMED.get(text);
    if (named != null) {
      return named;
    }
    if (!text.startsWith(PATTERN)) {
      throw new IllegalArgumentException(
          "'%s' is not known; use one of [epoch_micros, epoch_millis, epoch_seconds, iso_8601], or a pattern such as 'pattern:dd/MMM/yyyy:HH:mm:ss Z'"
              .formatted(text));
    }
    return new TimeFormat(text, formatter(text.substring(PATTERN.length())), BigDecimal.ONE);
  }

  private static DateTimeFormatter formatter(String pattern) {
    DateTimeFormatter formatter;
    try {
      formatter =
          new DateTimeFormatterBuilder()
              .appendPattern(pattern)
              // Strictly, a year of an era (yyyy) means nothing without one; it is always ours.
              .parseDefaulting(ChronoField.ERA, 1)
              .toFormatter(Locale.ENGLISH)
              .withChronology(IsoChronology.INSTANCE)
              .withResolverStyle(ResolverStyle.STRICT);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no time pattern (%s); write one such as dd/MMM/yyyy:HH:mm:ss Z"
              .formatted(pattern, e.getMessage()));
    }
    if (!tellsDayAndHour(formatter)) {
      throw new IllegalArgumentException(
          "'%s' does not tell a day and an hour; write year, month, day and hour, such as dd/MMM/yyyy:HH:mm:ss Z"
              .formatted(pattern));
    }
    return formatter;
  }

  /** Whether what the formatter writes says, read again, the same day and hour. */
  private static boolean tellsDayAndHour(DateTimeFormatter formatter) {
    try {
      return parse(formatter, formatter.format(SAMPLE), ZoneOffset.UTC)
          .truncatedTo(ChronoUnit.HOURS)
          .equals(SAMPLE.toInstant().truncatedTo(ChronoUnit.HOURS));
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** The words it is declared by. */
  String text() {
    return text;
  }

  /**
   * @param zone of a text that names none
   */
  Instant read(JsonNode node, ZoneId zone) throws WrongValueException {
    try {
      // Cut down to the precision that is kept, so that one time has one form; checks the range.
      return Micros.toInstant(Micros.of(instant(node, zone)));
    } catch (ArithmeticException e) {
      throw new WrongValueException(Reason.OUT_OF_RANGE, "is no time that a calendar has");
    } catch (DateTimeException e) {
      throw notOfThisFormat();
    }
  }

  private Instant instant(JsonNode node, ZoneId zone) throws WrongValueException {
    if (formatter == null) {
      return Micros.toInstant(ValueReader.micros(ValueReader.decimal(node), epochUnit));
    }
    if (!node.isTextual()) {
      throw notOfThisFormat();
    }
    String time = node.textValue().strip();
    if (!equals(ISO_8601)) {
      return parse(formatter, time, zone);
    }
    @Nullable Instant plain = PlainTime.read(time);
    return plain == null ? parse(formatter, time.replace(' ', 'T'), zone) : plain;
  }

  private WrongValueException notOfThisFormat() {
    return new WrongValueException(
        Reason.WRONG_TYPE,
        equals(ISO_8601)
            ? "is not an ISO 8601 time such as 2026-01-01T12:00:00Z"
            : "is not a time as its mapping writes it");
  }

  private static Instant parse(DateTimeFormatter formatter, String time, ZoneId zone) {
    TemporalAccessor parsed =
        formatter.parseBest(time, OffsetDateTime::from, ZonedDateTime::from, LocalDateTime::from);
    return parsed instanceof LocalDateTime local
        ? local.atZone(zone).toInstant()
        : Instant.from(parsed);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TimeFormat format && format.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}

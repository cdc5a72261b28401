package dev.millrace.schemas;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: a whole number and s, m, h or d. */
public final class TimeSpan {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})([smhd])");

  private TimeSpan() {}

  /** Empty if the text is none. */
  public static Optional<Duration> find(String text) {
    Matcher span = FORM.matcher(text);
    if (!span.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(span.group(1));
    return Optional.of(
        switch (span.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }

  /** What is wrong with a text that is none, and what to write. */
  public static String refusal(String text) {
    return "'%s' is no time span; write one like 30s, 5m, 24h or 7d".formatted(text);
  }
}

package dev.millrace.batch;

import dev.millrace.schemas.TimeSpan;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Spans of time as options. */
final class Durations implements ITypeConverter<Duration> {

  @Override
  public Duration convert(String text) {
    return TimeSpan.find(text)
        .orElseThrow(() -> new TypeConversionException(TimeSpan.refusal(text)));
  }
}

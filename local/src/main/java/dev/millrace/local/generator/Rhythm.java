package dev.millrace.local.generator;

import dev.millrace.core.Micros;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** When people come: more in the evening than at night, more on Sunday than on Tuesday. */
final class Rhythm {

  private static final int[] BY_HOUR = {
    12, 7, 4, 3, 3, 5, 11, 22, 33, 40, 45, 50, 58, 54, 48, 47, 52, 62, 76, 92, 100, 90, 60, 30
  };
  private static final int[] BY_WEEKDAY = {92, 88, 90, 95, 100, 118, 130};
  private static final long HOUR = Micros.of(Duration.ofHours(1));

  private final OffsetDateTime start;
  private final double total;
  private long hour;
  private double walked;

  Rhythm(Instant start, int days) {
    this.start = start.atOffset(ZoneOffset.UTC);
    double sum = 0;
    for (long i = 0; i < days * 24L; i++) {
      sum += weight(i);
    }
    this.total = sum;
  }

  /**
   * The time, in microseconds, by which this share of all visits has begun. Goes only forward.
   *
   * @param progress from 0 to less than 1
   */
  long at(double progress) {
    double target = progress * total;
    while (target >= walked + weight(hour)) {
      walked += weight(hour);
      hour++;
    }
    double within = (target - walked) / weight(hour);
    return Micros.of(start.toInstant()) + hour * HOUR + (long) (within * HOUR);
  }

  private int weight(long hoursFromStart) {
    OffsetDateTime time = start.plusHours(hoursFromStart);
    return BY_HOUR[time.getHour()] * BY_WEEKDAY[time.getDayOfWeek().getValue() - 1];
  }
}

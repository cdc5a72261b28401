package dev.millrace.core.features;

import dev.millrace.core.Micros;
import java.time.Duration;
import java.util.List;

/** How finely a sliding window is cut into tiles. */
final class Hop {

  private static final List<Duration> CHOICES =
      List.of(
          Duration.ofDays(1),
          Duration.ofHours(6),
          Duration.ofHours(1),
          Duration.ofMinutes(15),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1));

  private Hop() {}

  /**
   * The largest choice that divides the window and is at most a twelfth of it, so that a window is
   * too long by no more than a twelfth.
   *
   * @throws IllegalArgumentException if there is none: the window is under 12 s or no whole seconds
   */
  static Duration of(Duration window) {
    return CHOICES.stream()
        .filter(hop -> window.compareTo(hop.multipliedBy(12)) >= 0)
        .filter(hop -> Micros.of(window) % Micros.of(hop) == 0)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No tile size fits the window %s; use whole seconds, at least 12 s"
                        .formatted(Feature.text(window))));
  }
}

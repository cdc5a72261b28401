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

  /** Tiles of the longest window; a reading for which no total is kept adds them up. */
  private static final int MOST_TILES = 64;

  /**
   * The largest choice that divides the window and is at most a twelfth of it, so that a window is
   * too long by no more than a twelfth.
   *
   * @throws IllegalArgumentException if there is none: the window is under 12 s or no whole
   *     seconds, or it would take more than 64 tiles
   */
  static Duration of(Duration window) {
    Duration hop =
        CHOICES.stream()
            .filter(choice -> window.compareTo(choice.multipliedBy(12)) >= 0)
            .filter(choice -> Micros.of(window) % Micros.of(choice) == 0)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "No tile size fits the window %s; use whole seconds, at least 12 s"
                            .formatted(Feature.text(window))));
    if (window.compareTo(hop.multipliedBy(MOST_TILES)) > 0) {
      throw new IllegalArgumentException(
          "The window %s would take %d tiles of %s, and %d are the most; %s"
              .formatted(
                  Feature.text(window),
                  window.dividedBy(hop),
                  Feature.text(hop),
                  MOST_TILES,
                  remedy(window)));
    }
    return hop;
  }

  private static String remedy(Duration window) {
    Duration longest = CHOICES.get(0).multipliedBy(MOST_TILES);
    if (window.compareTo(longest) > 0) {
      return "use %s at most, or leave 'windows' out for the user's whole past"
          .formatted(Feature.text(longest));
    }
    Duration usual =
        CHOICES.stream()
            .filter(choice -> window.compareTo(choice.multipliedBy(12)) >= 0)
            .findFirst()
            .orElseThrow();
    Duration longestOfUsual = usual.multipliedBy(MOST_TILES);
    if (window.compareTo(longestOfUsual) > 0) {
      Duration next = CHOICES.get(CHOICES.indexOf(usual) - 1);
      return "use %s or %s"
          .formatted(Feature.text(longestOfUsual), Feature.text(next.multipliedBy(12)));
    }
    return "use a multiple of " + Feature.text(usual);
  }
}

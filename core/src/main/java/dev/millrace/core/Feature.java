package dev.millrace.core;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One declared feature; with several windows it is as many columns.
 *
 * @param of the field that is folded; null for those that count events
 * @param windows empty for a feature without window
 * @param cap greatest value that {@link Op#DISTINCT} tells exactly; 0 for the others
 */
public record Feature(
    String name, Op op, @Nullable EventField of, List<Duration> windows, int cap) {

  public enum Op {
    /** Events in the window. */
    COUNT,
    /** Sum of a micros or integer field over the window, in its unit; absent values add nothing. */
    SUM,
    /** Different values of a text field in the window. */
    DISTINCT,
    /**
     * Microseconds since the user's newest earlier event; null for the first one, 0 for a late one.
     */
    SINCE
  }

  public Feature {
    windows = List.copyOf(windows);
    windows.forEach(Hop::of);
    if ((op == Op.SINCE) != windows.isEmpty()) {
      throw new IllegalArgumentException(
          name + ": SINCE has no window, the others have at least 1");
    }
    if ((op == Op.SUM || op == Op.DISTINCT) != (of != null)) {
      throw new IllegalArgumentException(name + ": SUM and DISTINCT fold a field, the others none");
    }
    if ((op == Op.DISTINCT) != (cap > 0)) {
      throw new IllegalArgumentException(name + ": DISTINCT has a cap, the others have none");
    }
  }

  /** Column names in order, such as {@code events_10m}. */
  public List<String> columns() {
    return windows.isEmpty()
        ? List.of(name)
        : windows.stream().map(window -> name + "_" + text(window)).toList();
  }

  Tile zero() {
    return switch (op) {
      case COUNT -> Tile.Count.ZERO;
      case SUM -> Tile.Sum.ZERO;
      case DISTINCT -> Tile.Distinct.none(cap);
      case SINCE -> throw new IllegalStateException(name + " has no window");
    };
  }

  /** The window in its largest whole unit: {@code 10m}, {@code 24h}, {@code 7d}. */
  static String text(Duration window) {
    long seconds = window.toSeconds();
    if (seconds % 86_400 == 0 && seconds > 86_400) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}

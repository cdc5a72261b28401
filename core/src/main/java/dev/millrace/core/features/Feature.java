package dev.millrace.core.features;

import dev.millrace.core.expression.Expression;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One declared feature; with several windows, or a session's several readings, it is as many
 * columns.
 *
 * @param doc what it means, for people
 * @param where which events it is about; null = all
 * @param windows empty = the user's whole past
 */
public record Feature(
    String name, String doc, Op op, @Nullable Expression where, List<Duration> windows) {

  public Feature {
    windows = List.copyOf(windows);
    windows.forEach(Hop::of);
    if ((op instanceof Op.Since || op instanceof Op.Session) && !windows.isEmpty()) {
      throw new IllegalArgumentException(name + ": since and session have no windows");
    }
  }

  /** The window in its largest whole unit: {@code 10m}, {@code 24h}, {@code 7d}. */
  public static String text(Duration window) {
    long seconds = window.toSeconds();
    if (seconds % 86_400 == 0 && seconds > 86_400) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  /** Why such a window can't be; null if it can. */
  public static @Nullable String refusal(Duration window) {
    try {
      Hop.of(window);
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }
}

package dev.millrace.batch;

import dev.millrace.core.CanonicalHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is to be folded, and how.
 *
 * @param order in which each user's events are folded
 * @param featureSet the one that all events are folded by, as {@code user-activity@2}; null for
 *     those that were in force for each
 * @param from the first raw events whose outcomes are wanted; null for the first there are
 * @param to the first raw events that are left out; null for none
 */
record Choice(
    Order order, @Nullable String featureSet, @Nullable String from, @Nullable String to) {

  /** All of it, as it was served. */
  static final Choice SERVED = new Choice(Order.SERVED, null, null, null);

  /** Two truths. */
  enum Order {
    /** As the log has them: bit for bit what was served. */
    SERVED,
    /** By event time, then by their place on the log: what training uses. */
    CORRECTED
  }

  Choice in(Order other) {
    return new Choice(other, featureSet, from, to);
  }

  /** The folder of its tables. */
  String folder() {
    StringBuilder folder = new StringBuilder(order.name().toLowerCase(Locale.ROOT));
    if (featureSet != null) {
      folder.append('-').append(featureSet.replace("@", "-v"));
    }
    if (from != null || to != null) {
      String range = from + " " + to;
      folder
          .append('-')
          .append(CanonicalHash.sha256Hex(range.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }
    return folder.toString();
  }

  /** As options. */
  String told() {
    List<String> told = new ArrayList<>(List.of("--order", order.name().toLowerCase(Locale.ROOT)));
    add(told, "--feature-set", featureSet);
    add(told, "--from", from);
    add(told, "--to", to);
    return String.join(" ", told);
  }

  private static void add(List<String> told, String option, @Nullable String value) {
    if (value != null) {
      told.add(option);
      told.add(value);
    }
  }
}

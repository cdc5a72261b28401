package dev.millrace.features;

import dev.millrace.core.features.FeatureFold;

/**
 * A feature set that can be asked for.
 *
 * @param number by which the users' activity under it is kept
 */
record ServedSet(FeatureFold fold, long number) {

  /** What is asked for when a request names none. */
  static final String DEFAULT = "user-activity@1";

  /** As requests name it: {@code name@version}. */
  String key() {
    return "%s@%d".formatted(fold.set().name(), fold.set().version());
  }
}

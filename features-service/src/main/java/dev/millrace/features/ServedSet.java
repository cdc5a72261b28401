package dev.millrace.features;

import dev.millrace.core.features.FeatureFold;

/**
 * A feature set that is folded here.
 *
 * @param store in which the users' activity is kept, folded by {@code fold}
 */
record ServedSet(FeatureFold fold, String store) {

  /** As requests name it: {@code name@version}. */
  String key() {
    return "%s@%d".formatted(fold.set().name(), fold.set().version());
  }
}

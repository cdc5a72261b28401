package dev.millrace.features;

import java.util.List;
import java.util.Optional;

/**
 * The feature sets that can be asked for.
 *
 * @param sets in the order in which they are told
 */
record ServedSets(List<ServedSet> sets) {

  /** What is asked for when a request names none. */
  static final String DEFAULT = "user-activity@1";

  ServedSets {
    sets = List.copyOf(sets);
  }

  /**
   * @param key {@code name@version}
   */
  Optional<ServedSet> find(String key) {
    return sets.stream().filter(set -> set.key().equals(key)).findFirst();
  }

  List<String> keys() {
    return sets.stream().map(ServedSet::key).toList();
  }
}

package dev.millrace.local;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Places on a topic's log, from given offsets on; a bit for each. For one thread at a time. */
final class Places {

  private final Map<Integer, Long> starts;
  private final Map<Integer, BitSet> places = new HashMap<>();

  /**
   * @param starts the first offset that counts, by partition
   */
  Places(Map<Integer, Long> starts) {
    this.starts = Map.copyOf(starts);
  }

  /** Places before the start are left out. */
  void add(int partition, long offset) {
    long place = offset - start(partition);
    if (place >= 0) {
      places.computeIfAbsent(partition, p -> new BitSet()).set(Math.toIntExact(place));
    }
  }

  boolean contains(int partition, long offset) {
    long place = offset - start(partition);
    return place >= 0 && in(partition).get(Math.toIntExact(place));
  }

  long count() {
    return places.values().stream().mapToLong(BitSet::cardinality).sum();
  }

  /** How many are in both, which have the same starts. */
  long countIn(Places other) {
    long count = 0;
    for (Map.Entry<Integer, BitSet> partition : places.entrySet()) {
      BitSet both = (BitSet) partition.getValue().clone();
      both.and(other.in(partition.getKey()));
      count += both.cardinality();
    }
    return count;
  }

  private BitSet in(int partition) {
    return places.getOrDefault(partition, new BitSet());
  }

  private long start(int partition) {
    return starts.getOrDefault(partition, 0L);
  }
}

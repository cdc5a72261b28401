package dev.millrace.local;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Numbers noted at places on a topic's log, from given offsets on; four bytes for each place. For
 * one thread at a time.
 */
final class Places {

  /** Is told a place and what is noted there. */
  interface Visitor {
    void at(int partition, long offset, int number);
  }

  /** Nothing is noted there. */
  static final int NONE = -1;

  private static final int FEW = 1_024;

  private final Map<Integer, Long> starts;

  /** By partition; one more than the number, so that 0 is none. */
  private final Map<Integer, int[]> noted = new TreeMap<>();

  /**
   * @param starts the first offset that counts, by partition
   */
  Places(Map<Integer, Long> starts) {
    this.starts = Map.copyOf(starts);
  }

  /** Notes a number &gt;= 0 instead of what was there; places before the start are left out. */
  void note(int partition, long offset, int number) {
    if (offset >= start(partition)) {
      int place = Math.toIntExact(offset - start(partition));
      int[] numbers = in(partition);
      if (place >= numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(FEW, Math.addExact(place, place / 2 + 1)));
        noted.put(partition, numbers);
      }
      numbers[place] = number + 1;
    }
  }

  /** What is noted there, or {@link #NONE}. */
  int at(int partition, long offset) {
    long place = offset - start(partition);
    int[] numbers = in(partition);
    return place >= 0 && place < numbers.length ? numbers[(int) place] - 1 : NONE;
  }

  /** Goes over all that is noted, by partition and offset. */
  void forEach(Visitor visitor) {
    noted.forEach(
        (partition, numbers) -> {
          for (int place = 0; place < numbers.length; place++) {
            if (numbers[place] > 0) {
              visitor.at(partition, start(partition) + place, numbers[place] - 1);
            }
          }
        });
  }

  private int[] in(int partition) {
    return noted.getOrDefault(partition, new int[0]);
  }

  private long start(int partition) {
    return starts.getOrDefault(partition, 0L);
  }
}

package dev.millrace.local.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A few of the events there were, most of them recent and some long ago. */
final class Recent<T> {

  private static final int TRIES = 16;

  private final int capacity;
  private final int keepOneIn;
  private final Random random;
  private final List<T> kept = new ArrayList<>();

  /**
   * @param keepOneIn how many come for one that is kept, once there are enough; the greater, the
   *     further back it reaches
   */
  Recent(int capacity, int keepOneIn, Random random) {
    this.capacity = capacity;
    this.keepOneIn = keepOneIn;
    this.random = random;
  }

  void offer(T item) {
    if (kept.size() < capacity) {
      kept.add(item);
    } else if (random.nextInt(keepOneIn) == 0) {
      kept.set(random.nextInt(capacity), item);
    }
  }

  /** Any that fits; null if none was found, which doesn't mean that there is none. */
  @Nullable T any(Predicate<T> fits) {
    for (int i = 0; i < TRIES && !kept.isEmpty(); i++) {
      T item = kept.get(random.nextInt(kept.size()));
      if (fits.test(item)) {
        return item;
      }
    }
    return null;
  }

  /** Takes it out for good. */
  void forget(T item) {
    kept.remove(item);
  }
}

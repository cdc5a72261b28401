package dev.millrace.core;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A piece of a window: what one feature folded of the events between two hops. Tiles add up in any
 * order and to the same value.
 */
sealed interface Tile {

  /** What the tile tells; tiles of one window are added before they are read. */
  Object value();

  Tile plus(Tile other);

  /** Number of events. */
  record Count(long events) implements Tile {

    static final Count ZERO = new Count(0);

    @Override
    public Tile plus(Tile other) {
      return new Count(events + ((Count) other).events);
    }

    @Override
    public Long value() {
      return events;
    }
  }

  /**
   * A sum in 128 bits, so that no number of 64-bit amounts can overflow it.
   *
   * @param high bits 64 to 127, signed
   * @param low bits 0 to 63, unsigned
   */
  record Sum(long high, long low) implements Tile {

    static final Sum ZERO = of(0);

    static Sum of(long amount) {
      return new Sum(amount < 0 ? -1 : 0, amount);
    }

    @Override
    public Tile plus(Tile other) {
      Sum that = (Sum) other;
      long sum = low + that.low;
      long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
      return new Sum(high + that.high + carry, sum);
    }

    /** The sum, held at the ends of 64 bits when it is beyond them. */
    @Override
    public Long value() {
      if (high == (low >> 63)) {
        return low;
      }
      return high < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /**
   * The different values by their digests, so that a tile's size has a bound; the smallest ones
   * when there are more than the cap. A tile at its cap makes every window that holds it read the
   * cap, so the reading is exact up to there.
   */
  record Distinct(SortedSet<Digest128> values, int cap) implements Tile {

    public Distinct {
      values = Collections.unmodifiableSortedSet(new TreeSet<>(values));
    }

    static Distinct of(Digest128 value, int cap) {
      TreeSet<Digest128> one = new TreeSet<>();
      one.add(value);
      return new Distinct(one, cap);
    }

    static Distinct none(int cap) {
      return new Distinct(Collections.emptySortedSet(), cap);
    }

    @Override
    public Tile plus(Tile other) {
      TreeSet<Digest128> all = new TreeSet<>(values);
      all.addAll(((Distinct) other).values);
      while (all.size() > cap) {
        all.pollLast();
      }
      return new Distinct(all, cap);
    }

    @Override
    public Long value() {
      return (long) values.size();
    }
  }
}

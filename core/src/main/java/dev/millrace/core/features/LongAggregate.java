package dev.millrace.core.features;

import dev.millrace.core.Exact;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What an operation keeps in a tile if it is a fixed number of longs. Tiles add up in any order and
 * to the same value; one of nothing but zeros is the tile of no events.
 */
abstract sealed class LongAggregate {

  /** How many longs a tile takes. */
  abstract int slots();

  /**
   * @param at where its slots in the tile begin
   */
  abstract void fold(long[] tile, int at, FoldedEvent event);

  /**
   * Adds another tile.
   *
   * @param at where its slots in the tile begin
   * @param from where its slots in the other one begin
   */
  abstract void add(long[] tile, int at, long[] other, int from);

  /**
   * What a tile tells.
   *
   * @param at where its slots in the tile begin
   */
  abstract @Nullable Object value(long[] tile, int at);

  static final class Count extends LongAggregate {
    @Override
    int slots() {
      return 1;
    }

    @Override
    void fold(long[] tile, int at, FoldedEvent event) {
      tile[at]++;
    }

    @Override
    void add(long[] tile, int at, long[] other, int from) {
      tile[at] += other[from];
    }

    @Override
    Long value(long[] tile, int at) {
      return tile[at];
    }
  }

  /** Those for which a condition holds, of all. */
  static final class Ratio extends LongAggregate {
    private final int condition;

    Ratio(int condition) {
      this.condition = condition;
    }

    @Override
    int slots() {
      return 2;
    }

    @Override
    void fold(long[] tile, int at, FoldedEvent event) {
      tile[at]++;
      if (event.conditions()[condition]) {
        tile[at + 1]++;
      }
    }

    @Override
    void add(long[] tile, int at, long[] other, int from) {
      tile[at] += other[from];
      tile[at + 1] += other[from + 1];
    }

    @Override
    @Nullable Double value(long[] tile, int at) {
      return tile[at] == 0 ? null : (Double) ((double) tile[at + 1] / tile[at]);
    }
  }

  static final class Sum extends LongAggregate {
    private final int input;

    Sum(int input) {
      this.input = input;
    }

    @Override
    int slots() {
      return 2;
    }

    @Override
    void fold(long[] tile, int at, FoldedEvent event) {
      @Nullable Long value = event.number(input);
      if (value != null) {
        Exact.add(tile, at, value);
      }
    }

    @Override
    void add(long[] tile, int at, long[] other, int from) {
      Exact.addWords(tile, at, other, from, 2);
    }

    @Override
    Long value(long[] tile, int at) {
      return Exact.saturated(tile[at], tile[at + 1]);
    }
  }

  /** Count, sum and, for the variance, sum of squares. */
  static final class Moments extends LongAggregate {
    private final int input;
    private final boolean squares;

    Moments(int input, boolean squares) {
      this.input = input;
      this.squares = squares;
    }

    @Override
    int slots() {
      return squares ? 6 : 3;
    }

    @Override
    void fold(long[] tile, int at, FoldedEvent event) {
      @Nullable Long value = event.number(input);
      if (value != null) {
        tile[at]++;
        Exact.add(tile, at + 1, value);
        if (squares) {
          Exact.addSquare(tile, at + 3, value);
        }
      }
    }

    @Override
    void add(long[] tile, int at, long[] other, int from) {
      tile[at] += other[from];
      Exact.addWords(tile, at + 1, other, from + 1, 2);
      if (squares) {
        Exact.addWords(tile, at + 3, other, from + 3, 3);
      }
    }

    @Override
    @Nullable Double value(long[] tile, int at) {
      long count = tile[at];
      if (count == 0) {
        return null;
      }
      return squares
          ? variance(count, tile, at)
          : Exact.toDouble(tile[at + 1], tile[at + 2]) / count;
    }

    /** (n Σx² − (Σx)²) / n², exact up to the last division. */
    private static double variance(long count, long[] tile, int at) {
      BigInteger n = BigInteger.valueOf(count);
      BigInteger sum = Exact.toBigInteger(tile, at + 1, 2);
      BigInteger spread =
          n.multiply(Exact.toBigInteger(tile, at + 3, 3)).subtract(sum.multiply(sum));
      return spread.doubleValue() / n.multiply(n).doubleValue();
    }
  }

  /** The least or the greatest value; the first slot says whether there is one. */
  static final class Extreme extends LongAggregate {
    private final int input;
    private final boolean greatest;

    Extreme(int input, boolean greatest) {
      this.input = input;
      this.greatest = greatest;
    }

    @Override
    int slots() {
      return 2;
    }

    private boolean isBeyond(long value, long other) {
      return greatest ? value > other : value < other;
    }

    @Override
    void fold(long[] tile, int at, FoldedEvent event) {
      @Nullable Long value = event.number(input);
      if (value != null) {
        hold(tile, at, value);
      }
    }

    private void hold(long[] tile, int at, long value) {
      if (tile[at] == 0 || isBeyond(value, tile[at + 1])) {
        tile[at] = 1;
        tile[at + 1] = value;
      }
    }

    @Override
    void add(long[] tile, int at, long[] other, int from) {
      if (other[from] != 0) {
        hold(tile, at, other[from + 1]);
      }
    }

    @Override
    @Nullable Long value(long[] tile, int at) {
      return tile[at] == 0 ? null : (Long) tile[at + 1];
    }
  }
}

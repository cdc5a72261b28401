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
   * What tiles tell together.
   *
   * @param at where its slots in the first tile begin
   * @param stride from one tile's slots to the next's
   * @param end behind the last
   */
  abstract @Nullable Object read(long[] tiles, int at, int stride, int end);

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
    Long read(long[] tiles, int at, int stride, int end) {
      long count = 0;
      for (int i = at; i < end; i += stride) {
        count += tiles[i];
      }
      return count;
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
    @Nullable Double read(long[] tiles, int at, int stride, int end) {
      long all = 0;
      long some = 0;
      for (int i = at; i < end; i += stride) {
        all += tiles[i];
        some += tiles[i + 1];
      }
      return all == 0 ? null : (Double) ((double) some / all);
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
    Long read(long[] tiles, int at, int stride, int end) {
      long high = 0;
      long low = 0;
      for (int i = at; i < end; i += stride) {
        long sum = low + tiles[i + 1];
        high += tiles[i] + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        low = sum;
      }
      return Exact.saturated(high, low);
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
    @Nullable Double read(long[] tiles, int at, int stride, int end) {
      long count = 0;
      long[] sums = new long[5];
      for (int i = at; i < end; i += stride) {
        count += tiles[i];
        Exact.addWords(sums, 0, tiles, i + 1, 2);
        if (squares) {
          Exact.addWords(sums, 2, tiles, i + 3, 3);
        }
      }
      if (count == 0) {
        return null;
      }
      return squares ? variance(count, sums) : Exact.toDouble(sums[0], sums[1]) / count;
    }

    /** (n Σx² − (Σx)²) / n², exact up to the last division. */
    private static double variance(long count, long[] sums) {
      BigInteger n = BigInteger.valueOf(count);
      BigInteger sum = Exact.toBigInteger(sums, 0, 2);
      BigInteger spread = n.multiply(Exact.toBigInteger(sums, 2, 3)).subtract(sum.multiply(sum));
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
      if (value != null && (tile[at] == 0 || isBeyond(value, tile[at + 1]))) {
        tile[at] = 1;
        tile[at + 1] = value;
      }
    }

    @Override
    @Nullable Long read(long[] tiles, int at, int stride, int end) {
      @Nullable Long extreme = null;
      for (int i = at; i < end; i += stride) {
        if (tiles[i] != 0 && (extreme == null || isBeyond(tiles[i + 1], extreme))) {
          extreme = tiles[i + 1];
        }
      }
      return extreme;
    }
  }
}

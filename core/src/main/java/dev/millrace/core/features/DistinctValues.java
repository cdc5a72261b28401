package dev.millrace.core.features;

import dev.millrace.core.Digest128;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The different values by their digests, so that a tile's size has a bound whatever producers send;
 * the smallest ones when there are more than that. A tile at its bound makes every window that
 * holds it read the bound, so the reading is exact up to there.
 *
 * <p>A tile is the two halves of one digest after the other, in the order of digests.
 */
final class DistinctValues implements ObjectAggregate<long[]> {

  private static final long[] NONE = {};

  private final int input;
  private final int max;

  DistinctValues(int input, int max) {
    this.input = input;
    this.max = max;
  }

  @Override
  public long @Nullable [] fold(long @Nullable [] tile, FoldedEvent event) {
    Digest128 digest = (Digest128) event.values()[input];
    if (digest == null) {
      return tile;
    }
    long[] known = tile == null ? NONE : tile;
    int size = known.length / 2;
    int place = placeOf(known, digest.high(), digest.low());
    if (place == max || place < size && compare(known, place, digest.high(), digest.low()) == 0) {
      return known;
    }
    int kept = Math.min(size + 1, max);
    long[] more = Arrays.copyOf(known, 2 * kept);
    System.arraycopy(known, 2 * place, more, 2 * place + 2, 2 * (kept - place - 1));
    more[2 * place] = digest.high();
    more[2 * place + 1] = digest.low();
    return more;
  }

  /** The first place whose digest is not below the given one. */
  private static int placeOf(long[] tile, long high, long low) {
    int from = 0;
    int end = tile.length / 2;
    while (from < end) {
      int middle = (from + end) >>> 1;
      if (compare(tile, middle, high, low) < 0) {
        from = middle + 1;
      } else {
        end = middle;
      }
    }
    return from;
  }

  private static int compare(long[] tile, int place, long high, long low) {
    int order = Long.compare(tile[2 * place], high);
    return order != 0 ? order : Long.compare(tile[2 * place + 1], low);
  }

  @Override
  public long[] merge(long[] one, long[] other) {
    if (one.length == 2 * max || other.length == 2 * max) {
      return one.length == 2 * max ? one : other;
    }
    long[] all = new long[Math.min(one.length + other.length, 2 * max)];
    int size = 0;
    int i = 0;
    int j = 0;
    while (size < all.length && (i < one.length || j < other.length)) {
      int order =
          i == one.length
              ? 1
              : j == other.length ? -1 : compare(one, i / 2, other[j], other[j + 1]);
      all[size++] = order <= 0 ? one[i] : other[j];
      all[size++] = order <= 0 ? one[i + 1] : other[j + 1];
      i += order <= 0 ? 2 : 0;
      j += order >= 0 ? 2 : 0;
    }
    return size == all.length ? all : Arrays.copyOf(all, size);
  }

  @Override
  public Long value(long @Nullable [] tile) {
    return tile == null ? 0L : (Long) (tile.length / 2L);
  }

  @Override
  public void write(long[] tile, StateOutput out) {
    out.putCount(tile.length / 2);
    for (long half : tile) {
      out.putLong(half);
    }
  }

  @Override
  public long[] read(StateInput in) {
    int size = in.getSize(2 * Long.BYTES);
    if (size > max) {
      throw in.damaged();
    }
    long[] tile = new long[2 * size];
    for (int i = 0; i < size; i++) {
      long high = in.getLong();
      long low = in.getLong();
      if (i > 0 && compare(tile, i - 1, high, low) >= 0) {
        throw in.damaged();
      }
      tile[2 * i] = high;
      tile[2 * i + 1] = low;
    }
    return tile;
  }

  @Override
  public int greatestBytes() {
    return 2 + max * 2 * Long.BYTES;
  }
}

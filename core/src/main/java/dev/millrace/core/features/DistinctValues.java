package dev.millrace.core.features;

import dev.millrace.core.Digest128;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The different values by their digests, so that a tile's size has a bound whatever producers send;
 * the smallest ones when there are more than that. A tile at its bound makes every window that
 * holds it read the bound, so the reading is exact up to there.
 */
final class DistinctValues implements ObjectAggregate<Digest128[]> {

  private static final Digest128[] NONE = {};

  private final int input;
  private final int max;

  DistinctValues(int input, int max) {
    this.input = input;
    this.max = max;
  }

  @Override
  public Digest128 @Nullable [] fold(Digest128 @Nullable [] tile, FoldedEvent event) {
    Digest128 digest = (Digest128) event.values()[input];
    if (digest == null) {
      return tile;
    }
    Digest128[] known = tile == null ? NONE : tile;
    int at = Arrays.binarySearch(known, digest);
    int place = -at - 1;
    if (at >= 0 || place == max) {
      return known;
    }
    Digest128[] more = new Digest128[Math.min(known.length + 1, max)];
    System.arraycopy(known, 0, more, 0, place);
    more[place] = digest;
    System.arraycopy(known, place, more, place + 1, more.length - place - 1);
    return more;
  }

  @Override
  public Long read(List<Digest128[]> tiles) {
    if (tiles.size() == 1) {
      return (long) tiles.get(0).length;
    }
    TreeSet<Digest128> all = new TreeSet<>();
    for (Digest128[] tile : tiles) {
      all.addAll(Arrays.asList(tile));
      if (all.size() >= max) {
        return (long) max;
      }
    }
    return (long) all.size();
  }

  @Override
  public void write(Digest128[] tile, StateOutput out) {
    out.putCount(tile.length);
    for (Digest128 digest : tile) {
      out.putLong(digest.high()).putLong(digest.low());
    }
  }

  @Override
  public Digest128[] read(StateInput in) {
    int size = in.getSize(2 * Long.BYTES);
    if (size > max) {
      throw in.damaged();
    }
    Digest128[] tile = new Digest128[size];
    for (int i = 0; i < size; i++) {
      tile[i] = new Digest128(in.getLong(), in.getLong());
      if (i > 0 && tile[i].compareTo(tile[i - 1]) <= 0) {
        throw in.damaged();
      }
    }
    return tile;
  }

  @Override
  public int greatestBytes() {
    return 2 + max * 2 * Long.BYTES;
  }
}

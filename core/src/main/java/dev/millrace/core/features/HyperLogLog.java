package dev.millrace.core.features;

import dev.millrace.core.Digest128;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Estimates how many different values there were: HyperLogLog (Flajolet and others 2007) of 1024
 * registers, read by the estimator of Ertl (2017, "New cardinality estimation algorithms for
 * HyperLogLog sketches", algorithm 6), which needs no table of corrections. It depends on which
 * values came and on nothing else: registers are maxima, and their histogram is of whole numbers.
 */
final class HyperLogLog implements ObjectAggregate<short[]> {

  private static final int INDEX_BITS = 10;
  private static final int REGISTERS = 1 << INDEX_BITS;
  private static final int RANK_BITS = 6;

  /** Greatest rank: of a hash whose other bits are all zero. */
  private static final int GREATEST = Long.SIZE - INDEX_BITS + 1;

  private static final double LOG_2 = StrictMath.log(2);

  private final int input;

  HyperLogLog(int input) {
    this.input = input;
  }

  /** A tile is its registers that are not zero, each as register and rank in one short. */
  @Override
  public short @Nullable [] fold(short @Nullable [] tile, FoldedEvent event) {
    Digest128 digest = (Digest128) event.values()[input];
    if (digest == null) {
      return tile;
    }
    short entry = entry(digest.high());
    if (tile == null) {
      return new short[] {entry};
    }
    int place = placeOf(tile, register(entry));
    if (place < tile.length && register(tile[place]) == register(entry)) {
      if (rank(tile[place]) >= rank(entry)) {
        return tile;
      }
      short[] raised = tile.clone();
      raised[place] = entry;
      return raised;
    }
    short[] more = Arrays.copyOf(tile, tile.length + 1);
    System.arraycopy(tile, place, more, place + 1, tile.length - place);
    more[place] = entry;
    return more;
  }

  private static short entry(long hash) {
    int register = (int) (hash >>> (Long.SIZE - INDEX_BITS));
    int rank = Math.min(Long.numberOfLeadingZeros(hash << INDEX_BITS) + 1, GREATEST);
    return (short) (register << RANK_BITS | rank);
  }

  private static int register(short entry) {
    return (entry & 0xffff) >>> RANK_BITS;
  }

  private static int rank(short entry) {
    return entry & ((1 << RANK_BITS) - 1);
  }

  /** The first place whose register is not below the given one. */
  private static int placeOf(short[] tile, int register) {
    int low = 0;
    int high = tile.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (register(tile[middle]) < register) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public short[] merge(short[] one, short[] other) {
    short[] all = new short[Math.min(REGISTERS, one.length + other.length)];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < one.length && j < other.length) {
      int order = register(one[i]) - register(other[j]);
      if (order == 0) {
        all[size++] = rank(one[i]) >= rank(other[j]) ? one[i] : other[j];
        i++;
        j++;
      } else {
        all[size++] = order < 0 ? one[i++] : other[j++];
      }
    }
    for (; i < one.length; i++) {
      all[size++] = one[i];
    }
    for (; j < other.length; j++) {
      all[size++] = other[j];
    }
    return Arrays.copyOf(all, size);
  }

  @Override
  public Long value(short @Nullable [] tile) {
    if (tile == null) {
      return 0L;
    }
    int[] histogram = new int[GREATEST + 1];
    histogram[0] = REGISTERS - tile.length;
    for (short entry : tile) {
      histogram[rank(entry)]++;
    }
    return estimate(histogram);
  }

  private static long estimate(int[] histogram) {
    double m = REGISTERS;
    double z = m * tau(1 - histogram[GREATEST] / m);
    for (int rank = GREATEST - 1; rank >= 1; rank--) {
      z = 0.5 * (z + histogram[rank]);
    }
    z += m * sigma(histogram[0] / m);
    return Math.round(m * m / (2 * LOG_2 * z));
  }

  private static double sigma(double x) {
    if (x == 1) {
      return Double.POSITIVE_INFINITY;
    }
    double power = x;
    double factor = 1;
    double sum = x;
    double before;
    do {
      power *= power;
      before = sum;
      sum += power * factor;
      factor += factor;
    } while (sum != before);
    return sum;
  }

  private static double tau(double x) {
    if (x == 0 || x == 1) {
      return 0;
    }
    double root = x;
    double factor = 1;
    double sum = 1 - x;
    double before;
    do {
      root = StrictMath.sqrt(root);
      before = sum;
      factor *= 0.5;
      sum -= (1 - root) * (1 - root) * factor;
    } while (sum != before);
    return sum / 3;
  }

  @Override
  public void write(short[] tile, StateOutput out) {
    out.putCount(tile.length);
    for (short entry : tile) {
      out.putByte(entry >> Byte.SIZE).putByte(entry);
    }
  }

  @Override
  public short[] read(StateInput in) {
    int size = in.getSize(2);
    if (size > REGISTERS) {
      throw in.damaged();
    }
    short[] tile = new short[size];
    for (int i = 0; i < size; i++) {
      tile[i] = (short) (in.getByte() << Byte.SIZE | in.getByte());
      if (rank(tile[i]) < 1
          || rank(tile[i]) > GREATEST
          || (i > 0 && register(tile[i]) <= register(tile[i - 1]))) {
        throw in.damaged();
      }
    }
    return tile;
  }

  @Override
  public int greatestBytes() {
    return 2 + 2 * REGISTERS;
  }
}

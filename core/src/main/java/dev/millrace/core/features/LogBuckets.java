package dev.millrace.core.features;

import dev.millrace.core.LogScale;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts of values by buckets that grow with the value, as DDSketch (Masson, Rim, Lee 2019) has
 * them, on a scale of whole numbers: they add up in any order to the same.
 */
final class LogBuckets implements ObjectAggregate<long[]> {

  /** At most 1/16 wide, so its middle is at most 1/32 from any value in it. */
  private static final LogScale SCALE = new LogScale(4);

  private static final int COUNT_BITS = 48;
  private static final long GREATEST_COUNT = (1L << COUNT_BITS) - 1;

  private final int input;
  private final int perMillion;

  LogBuckets(int input, int perMillion) {
    this.input = input;
    this.perMillion = perMillion;
  }

  /** A tile is its buckets that are not empty, ascending, each with its count in one long. */
  private static long entry(int bucket, long count) {
    return (long) bucket << COUNT_BITS | count;
  }

  private static int bucket(long entry) {
    return (int) (entry >> COUNT_BITS);
  }

  private static long count(long entry) {
    return entry & GREATEST_COUNT;
  }

  @Override
  public long @Nullable [] fold(long @Nullable [] tile, FoldedEvent event) {
    @Nullable Long value = event.number(input);
    if (value == null) {
      return tile;
    }
    int bucket = SCALE.bucketOf(value);
    if (tile == null) {
      return new long[] {entry(bucket, 1)};
    }
    int place = placeOf(tile, bucket);
    if (place < tile.length && bucket(tile[place]) == bucket) {
      long[] counted = tile.clone();
      counted[place]++;
      return counted;
    }
    long[] more = Arrays.copyOf(tile, tile.length + 1);
    System.arraycopy(tile, place, more, place + 1, tile.length - place);
    more[place] = entry(bucket, 1);
    return more;
  }

  /** The first place whose bucket is not below the given one. */
  private static int placeOf(long[] tile, int bucket) {
    int at = Arrays.binarySearch(tile, entry(bucket, 0));
    return at < 0 ? -at - 1 : at;
  }

  @Override
  public long[] merge(long[] one, long[] other) {
    long[] all = new long[one.length + other.length];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < one.length && j < other.length) {
      int order = bucket(one[i]) - bucket(other[j]);
      if (order == 0) {
        all[size++] = one[i++] + count(other[j++]);
      } else {
        all[size++] = order < 0 ? one[i++] : other[j++];
      }
    }
    System.arraycopy(one, i, all, size, one.length - i);
    size += one.length - i;
    System.arraycopy(other, j, all, size, other.length - j);
    size += other.length - j;
    return size == all.length ? all : Arrays.copyOf(all, size);
  }

  @Override
  public @Nullable Long value(long @Nullable [] tile) {
    if (tile == null) {
      return null;
    }
    long all = 0;
    for (long entry : tile) {
      all += count(entry);
    }
    long rank = Math.max(1, ceilingOfShare(all));
    long below = 0;
    for (long entry : tile) {
      below += count(entry);
      if (below >= rank) {
        return SCALE.middle(bucket(entry));
      }
    }
    throw new IllegalStateException("There are not as many values as " + rank);
  }

  /** ⌈q × n⌉ without overflow: n is split where q's denominator divides it. */
  private long ceilingOfShare(long n) {
    long whole = n / 1_000_000 * perMillion;
    long rest = n % 1_000_000 * perMillion;
    return whole + (rest + 999_999) / 1_000_000;
  }

  @Override
  public void write(long[] tile, StateOutput out) {
    out.putCount(tile.length);
    for (long entry : tile) {
      out.putSigned(bucket(entry)).putCount(count(entry));
    }
  }

  @Override
  public long[] read(StateInput in) {
    int size = in.getSize(2);
    if (size == 0) {
      throw in.damaged();
    }
    long[] tile = new long[size];
    for (int i = 0; i < size; i++) {
      long bucket = in.getSigned();
      long count = in.getCount();
      if (bucket < SCALE.leastBucket()
          || bucket >= SCALE.leastBucket() + SCALE.buckets()
          || (i > 0 && bucket <= bucket(tile[i - 1]))
          || count < 1
          || count > GREATEST_COUNT) {
        throw in.damaged();
      }
      tile[i] = entry((int) bucket, count);
    }
    return tile;
  }

  @Override
  public int greatestBytes() {
    return 2 + SCALE.buckets() * (2 + 9);
  }
}

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
final class LogBuckets implements ObjectAggregate<LogBuckets.Counts> {

  /** At most 1/16 wide, so its middle is at most 1/32 from any value in it. */
  private static final LogScale SCALE = new LogScale(4);

  /**
   * @param buckets ascending
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Counts(short[] buckets, long[] counts) {}

  private final int input;
  private final int perMillion;

  LogBuckets(int input, int perMillion) {
    this.input = input;
    this.perMillion = perMillion;
  }

  @Override
  public @Nullable Counts fold(@Nullable Counts tile, FoldedEvent event) {
    @Nullable Long value = event.number(input);
    if (value == null) {
      return tile;
    }
    short bucket = (short) SCALE.bucketOf(value);
    if (tile == null) {
      return new Counts(new short[] {bucket}, new long[] {1});
    }
    int at = Arrays.binarySearch(tile.buckets(), bucket);
    if (at >= 0) {
      long[] counts = tile.counts().clone();
      counts[at]++;
      return new Counts(tile.buckets(), counts);
    }
    int place = -at - 1;
    int size = tile.buckets().length;
    short[] buckets = Arrays.copyOf(tile.buckets(), size + 1);
    long[] counts = Arrays.copyOf(tile.counts(), size + 1);
    System.arraycopy(tile.buckets(), place, buckets, place + 1, size - place);
    System.arraycopy(tile.counts(), place, counts, place + 1, size - place);
    buckets[place] = bucket;
    counts[place] = 1;
    return new Counts(buckets, counts);
  }

  @Override
  public Counts merge(Counts one, Counts other) {
    int most = one.buckets().length + other.buckets().length;
    short[] buckets = new short[most];
    long[] counts = new long[most];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < one.buckets().length || j < other.buckets().length) {
      int order =
          i == one.buckets().length
              ? 1
              : j == other.buckets().length ? -1 : one.buckets()[i] - other.buckets()[j];
      buckets[size] = order <= 0 ? one.buckets()[i] : other.buckets()[j];
      counts[size++] =
          (order <= 0 ? one.counts()[i++] : 0) + (order >= 0 ? other.counts()[j++] : 0);
    }
    return new Counts(Arrays.copyOf(buckets, size), Arrays.copyOf(counts, size));
  }

  @Override
  public @Nullable Long value(@Nullable Counts tile) {
    long all = 0;
    for (int i = 0; tile != null && i < tile.counts().length; i++) {
      all += tile.counts()[i];
    }
    if (tile == null || all == 0) {
      return null;
    }
    long rank = Math.max(1, ceilingOfShare(all));
    long below = 0;
    for (int i = 0; i < tile.counts().length; i++) {
      below += tile.counts()[i];
      if (below >= rank) {
        return SCALE.middle(tile.buckets()[i]);
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
  public void write(Counts tile, StateOutput out) {
    out.putCount(tile.buckets().length);
    for (int i = 0; i < tile.buckets().length; i++) {
      out.putSigned(tile.buckets()[i]).putCount(tile.counts()[i]);
    }
  }

  @Override
  public Counts read(StateInput in) {
    int size = in.getSize(2);
    short[] buckets = new short[size];
    long[] counts = new long[size];
    for (int i = 0; i < size; i++) {
      long bucket = in.getSigned();
      if (bucket < SCALE.leastBucket() || bucket >= SCALE.leastBucket() + SCALE.buckets()) {
        throw in.damaged();
      }
      buckets[i] = (short) bucket;
      counts[i] = in.getCount();
    }
    return new Counts(buckets, counts);
  }

  @Override
  public int greatestBytes() {
    return 2 + SCALE.buckets() * (2 + 9);
  }
}

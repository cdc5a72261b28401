package dev.millrace.core.features;

import dev.millrace.core.Memo;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of the earliest event or of the latest few, by event time; of two events of one time
 * the one folded later is the later one.
 */
final class EndValues implements ObjectAggregate<EndValues.Held> {

  /** Which end of the events, and how it is told. */
  enum End {
    FIRST,
    LAST,
    LAST_K
  }

  /**
   * Values with the times of their events.
   *
   * @param times ascending
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Held(long[] times, Object[] values) {}

  private final int input;
  private final End end;
  private final int k;
  private final Memo<String> texts = new Memo<>();

  /**
   * @param k how many are held; 1 unless the last k are told
   */
  EndValues(int input, End end, int k) {
    this.input = input;
    this.end = end;
    this.k = k;
  }

  @Override
  public @Nullable Held fold(@Nullable Held tile, FoldedEvent event) {
    Object taken = event.values()[input];
    if (taken == null) {
      return tile;
    }
    Object value = shared(taken);
    if (tile == null) {
      return new Held(new long[] {event.time()}, new Object[] {value});
    }
    int size = tile.times().length;
    int place = size;
    while (place > 0 && tile.times()[place - 1] > event.time()) {
      place--;
    }
    boolean full = size == k;
    if (full && (end == End.FIRST ? place == size : place == 0)) {
      return tile;
    }
    int dropped = full && end != End.FIRST ? 1 : 0;
    long[] times = new long[full ? k : size + 1];
    Object[] values = new Object[times.length];
    int into = 0;
    for (int i = dropped; i <= size && into < times.length; i++) {
      if (i == place) {
        times[into] = event.time();
        values[into++] = value;
      }
      if (i < size && into < times.length) {
        times[into] = tile.times()[i];
        values[into++] = tile.values()[i];
      }
    }
    return new Held(times, values);
  }

  /** Many users hold the same few texts. */
  private Object shared(Object value) {
    if (!(value instanceof String text)) {
      return value;
    }
    @Nullable String known = texts.find(text);
    if (known == null) {
      texts.put(text, text);
    }
    return known == null ? text : known;
  }

  @Override
  public Held merge(Held older, Held newer) {
    int size = newer.times().length;
    if (end == End.FIRST || size == k) {
      return end == End.FIRST ? older : newer;
    }
    int fromOlder = Math.min(k - size, older.times().length);
    int dropped = older.times().length - fromOlder;
    long[] times = Arrays.copyOfRange(older.times(), dropped, dropped + fromOlder + size);
    Object[] values = Arrays.copyOfRange(older.values(), dropped, dropped + fromOlder + size);
    System.arraycopy(newer.times(), 0, times, fromOlder, size);
    System.arraycopy(newer.values(), 0, values, fromOlder, size);
    return new Held(times, values);
  }

  @Override
  public @Nullable Object value(@Nullable Held tile) {
    if (end != End.LAST_K) {
      return tile == null ? null : tile.values()[0];
    }
    List<Object> latestFirst = new ArrayList<>(k);
    for (int i = tile == null ? -1 : tile.values().length - 1; tile != null && i >= 0; i--) {
      latestFirst.add(tile.values()[i]);
    }
    return latestFirst;
  }

  @Override
  public void write(Held tile, StateOutput out) {
    out.putCount(tile.times().length);
    for (int i = 0; i < tile.times().length; i++) {
      out.putLong(tile.times()[i]);
      Values.write(tile.values()[i], out);
    }
  }

  @Override
  public Held read(StateInput in) {
    int size = in.getSize(Long.BYTES + 1);
    if (size < 1 || size > k) {
      throw in.damaged();
    }
    long[] times = new long[size];
    Object[] values = new Object[size];
    for (int i = 0; i < size; i++) {
      times[i] = in.getLong();
      values[i] = shared(Values.readPresent(in));
    }
    return new Held(times, values);
  }

  @Override
  public int greatestBytes() {
    return 1 + k * (Long.BYTES + 3 + Values.LONGEST_TEXT);
  }
}

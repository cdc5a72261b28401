package dev.millrace.core.features;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A user's tiles of one length, oldest first and only where something happened; a tile holds what
 * all operations over such tiles keep.
 */
final class TileRow {

  private static final long[] NO_LONGS = {};
  private static final @Nullable Object[] NO_OBJECTS = {};

  private final int longStride;
  private final int objectStride;
  private long[] longs = NO_LONGS;
  private @Nullable Object[] objects = NO_OBJECTS;
  private int size;

  /** Of each window over the row; null where a user has none. */
  private @Nullable WindowTotal @Nullable [] totals;

  /**
   * @param longStride longs of one tile, its start included
   * @param objectStride objects of one tile
   */
  TileRow(int longStride, int objectStride) {
    this.longStride = longStride;
    this.objectStride = objectStride;
  }

  int size() {
    return size;
  }

  long start(int tile) {
    return longs[tile * longStride];
  }

  /** Start of the newest tile; the least long if there is none. */
  long newest() {
    return size == 0 ? Long.MIN_VALUE : start(size - 1);
  }

  /** What is kept of a window; null if nothing is. */
  @Nullable WindowTotal total(int window) {
    return totals == null ? null : totals[window];
  }

  /**
   * @param windows how many there are over the row
   */
  void setTotal(int window, int windows, @Nullable WindowTotal total) {
    if (totals == null) {
      totals = new @Nullable WindowTotal[windows];
    }
    totals[window] = total;
  }

  /** The longs of all tiles, one after the other; the first of each is its start. */
  long[] longs() {
    return longs;
  }

  int longStride() {
    return longStride;
  }

  @Nullable Object object(int tile, int slot) {
    return objects[tile * objectStride + slot];
  }

  void setObject(int tile, int slot, @Nullable Object value) {
    objects[tile * objectStride + slot] = value;
  }

  /** The first tile that does not begin before the time. */
  int from(long start) {
    int tile = size;
    // What is asked for lies near the end.
    while (tile > 0 && start(tile - 1) >= start) {
      tile--;
    }
    return tile;
  }

  /** The tile that begins at the time; a new and empty one if there is none. */
  int tileAt(long start) {
    int tile = from(start);
    if (tile < size && start(tile) == start) {
      return tile;
    }
    if (size == capacity()) {
      grow(size + 1 + size / 4);
    }
    int moved = size - tile;
    System.arraycopy(longs, tile * longStride, longs, (tile + 1) * longStride, moved * longStride);
    System.arraycopy(
        objects, tile * objectStride, objects, (tile + 1) * objectStride, moved * objectStride);
    Arrays.fill(longs, tile * longStride, (tile + 1) * longStride, 0);
    longs[tile * longStride] = start;
    Arrays.fill(objects, tile * objectStride, (tile + 1) * objectStride, null);
    size++;
    return tile;
  }

  private int capacity() {
    return longs.length / longStride;
  }

  private void grow(int capacity) {
    longs = Arrays.copyOf(longs, capacity * longStride);
    objects = objectStride == 0 ? NO_OBJECTS : Arrays.copyOf(objects, capacity * objectStride);
  }

  void dropBefore(long start) {
    int dropped = 0;
    while (dropped < size && start(dropped) < start) {
      dropped++;
    }
    if (dropped == 0) {
      return;
    }
    int kept = size - dropped;
    System.arraycopy(longs, dropped * longStride, longs, 0, kept * longStride);
    System.arraycopy(objects, dropped * objectStride, objects, 0, kept * objectStride);
    Arrays.fill(objects, kept * objectStride, size * objectStride, null);
    size = kept;
    if (capacity() > 4 && capacity() > 2 * size) {
      // A busy hour should not hold memory for ever.
      grow(size);
    }
  }
}

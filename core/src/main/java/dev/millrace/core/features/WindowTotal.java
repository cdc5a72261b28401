package dev.millrace.core.features;

import org.jspecify.annotations.Nullable;

/**
 * What tiles that follow each other tell together, laid out as a tile is. It follows from the
 * tiles, so it is never written.
 */
final class WindowTotal {

  private static final @Nullable Object[] NO_OBJECTS = {};

  private final long[] longs;
  private final @Nullable Object[] objects;
  private final @Nullable Object[] values;
  private long first;
  private final long last;
  private @Nullable WindowTotal newerHalf;

  /**
   * @param first start of the oldest tile in it
   * @param last start of the newest tile in it
   */
  WindowTotal(int longs, int objects, long first, long last) {
    this.longs = new long[longs];
    this.objects = objects == 0 ? NO_OBJECTS : new @Nullable Object[objects];
    this.values = objects == 0 ? NO_OBJECTS : new @Nullable Object[objects];
    this.first = first;
    this.last = last;
  }

  long[] longs() {
    return longs;
  }

  @Nullable Object object(int slot) {
    return objects[slot];
  }

  void setObject(int slot, @Nullable Object object) {
    objects[slot] = object;
  }

  /** What the object of the slot tells. */
  @Nullable Object value(int slot) {
    return values[slot];
  }

  void setValue(int slot, @Nullable Object value) {
    values[slot] = value;
  }

  /** No tile before it is in the total. */
  long first() {
    return first;
  }

  /** No tile behind it was in the total when it was made. */
  long last() {
    return last;
  }

  /** Of those of its tiles that were complete when it was made, the newer ones; null if unknown. */
  @Nullable WindowTotal newerHalf() {
    return newerHalf;
  }

  void setNewerHalf(@Nullable WindowTotal newerHalf) {
    this.newerHalf = newerHalf;
  }

  /** The tile that begins then takes an event. */
  void change(long start) {
    first = Math.min(first, start);
    if (newerHalf != null && start >= newerHalf.first && start <= newerHalf.last) {
      newerHalf = null;
    }
  }

  /** Whether it is of the very tiles that begin in the time, both ends included. */
  boolean holds(TileRow tiles, long from, long to) {
    return from <= first && to >= tiles.newest();
  }
}

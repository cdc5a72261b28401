package dev.millrace.core.features;

import dev.millrace.core.features.Plan.LongSlot;
import dev.millrace.core.features.Plan.ObjectSlot;
import dev.millrace.core.features.Plan.Slot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A window over tiles of one length, and what the tiles in it tell together.
 *
 * <p>Users of whom few tiles lie in the window have them added up at each reading. For the others a
 * total is kept of the window that ends at the watermark, which is the one that events in order
 * read: each event is folded into it as into its own tile, and it is made of the tiles anew when
 * one of them leaves the window. So an event costs the same however long the window is.
 */
final class Window {

  /** As many tiles are added up faster than a total is kept. */
  private static final int FEW = 4;

  private final Plan.Row row;
  private final long length;
  private final int number;
  private final List<LongSlot> longSlots = new ArrayList<>();
  private final List<ObjectSlot> objectSlots = new ArrayList<>();

  /**
   * @param length microseconds, a multiple of the row's hop
   * @param number place among the windows over the row
   */
  Window(Plan.Row row, long length, int number) {
    this.row = row;
    this.length = length;
    this.number = number;
  }

  long length() {
    return length;
  }

  /** What reads an operation over the window. */
  Plan.Reader reader(Slot slot) {
    if (slot instanceof LongSlot longs) {
      longSlots.add(longs);
      return (activity, time, event) -> read(longs, activity, time);
    }
    ObjectSlot objects = (ObjectSlot) slot;
    objectSlots.add(objects);
    return (activity, time, event) -> read(objects, activity, time);
  }

  private @Nullable Object read(LongSlot slot, UserActivity activity, long time) {
    TileRow tiles = activity.row(row.number);
    long last = row.tileOf(time, tiles);
    long first = first(activity, tiles, last);
    @Nullable WindowTotal total = tiles.total(number);
    if (total != null && total.holds(tiles, first, last)) {
      return slot.aggregate().value(total.longs(), slot.at());
    }
    int from = tiles.from(first);
    int end = last >= tiles.newest() ? tiles.size() : tiles.from(last + 1);
    if (end - from == 1) {
      return slot.aggregate().value(tiles.longs(), from * tiles.longStride() + slot.at());
    }
    long[] sum = new long[slot.aggregate().slots()];
    for (int tile = from; tile < end; tile++) {
      slot.aggregate().add(sum, 0, tiles.longs(), tile * tiles.longStride() + slot.at());
    }
    return slot.aggregate().value(sum, 0);
  }

  private @Nullable Object read(ObjectSlot slot, UserActivity activity, long time) {
    TileRow tiles = activity.row(row.number);
    long last = row.tileOf(time, tiles);
    long first = first(activity, tiles, last);
    @Nullable WindowTotal total = tiles.total(number);
    if (total != null && total.holds(tiles, first, last)) {
      return total.value(slot.at());
    }
    int end = last >= tiles.newest() ? tiles.size() : tiles.from(last + 1);
    return slot.aggregate().value(merged(slot, tiles, tiles.from(first), end));
  }

  /** Start of the first tile in the window that ends in the tile; late events see no more. */
  private long first(UserActivity activity, TileRow tiles, long last) {
    return activity.watermark() == UserActivity.NEVER
        ? last - length
        : Math.max(last, row.tileOf(activity.watermark(), tiles)) - length;
  }

  /** The tiles' values as one; in halves, so that none is copied more often than it must be. */
  private static @Nullable Object merged(ObjectSlot slot, TileRow tiles, int from, int end) {
    if (end - from <= 1) {
      return end > from ? tiles.object(from, slot.at()) : null;
    }
    int middle = (from + end) >>> 1;
    return merged(slot, merged(slot, tiles, from, middle), merged(slot, tiles, middle, end));
  }

  private static @Nullable Object merged(
      ObjectSlot slot, @Nullable Object older, @Nullable Object newer) {
    if (older == null || newer == null) {
      return older == null ? newer : older;
    }
    return slot.aggregate().merge(older, newer);
  }

  /**
   * Keeps the total in step with an event that was folded into its tile.
   *
   * @param newest start of the tile that the watermark is in
   * @param start start of the event's tile
   */
  void follow(TileRow tiles, long newest, long start, FoldedEvent event, boolean[] conditions) {
    long oldest = newest - length;
    @Nullable WindowTotal total = tiles.total(number);
    if (total != null && total.first() >= oldest) {
      if (start >= oldest) {
        fold(total, start, event, conditions);
      }
    } else if (tiles.size() > FEW && tiles.start(tiles.size() - 1 - FEW) >= oldest) {
      tiles.setTotal(number, row.windows.size(), total(tiles, tiles.from(oldest), total));
    } else if (total != null) {
      tiles.setTotal(number, row.windows.size(), null);
    }
  }

  private void fold(WindowTotal total, long start, FoldedEvent event, boolean[] conditions) {
    total.change(start);
    for (LongSlot slot : longSlots) {
      if (slot.isFor(conditions)) {
        slot.aggregate().fold(total.longs(), slot.at(), event);
      }
    }
    for (ObjectSlot slot : objectSlots) {
      if (slot.isFor(conditions)) {
        @Nullable Object before = total.object(slot.at());
        @Nullable Object after = slot.aggregate().fold(before, event);
        if (after != before) {
          total.setObject(slot.at(), after);
          total.setValue(slot.at(), slot.aggregate().value(after));
        }
      }
    }
  }

  /**
   * The total of the tiles from a place on. The newer half of the complete ones is kept beside it,
   * and is there when the next tile leaves the window.
   *
   * @param before the total so far; null if there was none
   */
  private WindowTotal total(TileRow tiles, int from, @Nullable WindowTotal before) {
    int newest = tiles.size() - 1;
    @Nullable WindowTotal newer = before == null ? null : before.newerHalf();
    if (newer == null || newer.first() < tiles.start(from)) {
      newer = sum(tiles, (from + newest) >>> 1, newest);
    } else {
      int behind = tiles.from(newer.last() + 1);
      newer = behind == newest ? newer : merged(newer, sum(tiles, behind, newest));
    }
    int middle = tiles.from(newer.first());
    WindowTotal complete = middle == from ? newer : merged(sum(tiles, from, middle), newer);
    WindowTotal total = merged(complete, sum(tiles, newest, newest + 1));
    total.setNewerHalf(newer);
    for (ObjectSlot slot : objectSlots) {
      total.setValue(slot.at(), slot.aggregate().value(total.object(slot.at())));
    }
    return total;
  }

  private WindowTotal sum(TileRow tiles, int from, int end) {
    WindowTotal sum = empty(tiles.start(from), tiles.start(end - 1));
    for (LongSlot slot : longSlots) {
      for (int tile = from; tile < end; tile++) {
        int at = tile * tiles.longStride() + slot.at();
        slot.aggregate().add(sum.longs(), slot.at(), tiles.longs(), at);
      }
    }
    for (ObjectSlot slot : objectSlots) {
      sum.setObject(slot.at(), merged(slot, tiles, from, end));
    }
    return sum;
  }

  private WindowTotal merged(WindowTotal older, WindowTotal newer) {
    WindowTotal sum = empty(older.first(), newer.last());
    for (LongSlot slot : longSlots) {
      slot.aggregate().add(sum.longs(), slot.at(), older.longs(), slot.at());
      slot.aggregate().add(sum.longs(), slot.at(), newer.longs(), slot.at());
    }
    for (ObjectSlot slot : objectSlots) {
      int at = slot.at();
      sum.setObject(at, merged(slot, older.object(at), newer.object(at)));
    }
    return sum;
  }

  private WindowTotal empty(long first, long last) {
    return new WindowTotal(row.longs, row.objectSlots.size(), first, last);
  }
}

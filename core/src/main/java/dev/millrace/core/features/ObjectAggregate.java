package dev.millrace.core.features;

import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operation keeps in a tile if it is of no fixed size: a value that is never changed. Tiles
 * are told together in the order of their times; null is the tile of no events.
 *
 * @param <T> a tile
 */
interface ObjectAggregate<T> {

  /** The tile with the event in it. */
  @Nullable T fold(@Nullable T tile, FoldedEvent event);

  /**
   * What tiles tell together.
   *
   * @param tiles oldest first, without those of no events
   */
  @Nullable Object read(List<T> tiles);

  void write(T tile, StateOutput out);

  T read(StateInput in);

  /** The greatest number of bytes that a tile is written in. */
  int greatestBytes();
}

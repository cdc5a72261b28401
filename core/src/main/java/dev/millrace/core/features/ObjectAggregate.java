package dev.millrace.core.features;

import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import org.jspecify.annotations.Nullable;

/**
 * What an operation keeps in a tile if it is of no fixed size: a value that is never changed. Null
 * is the tile of no events.
 *
 * @param <T> a tile
 */
interface ObjectAggregate<T> {

  /** The tile with the event in it. */
  @Nullable T fold(@Nullable T tile, FoldedEvent event);

  /**
   * The tile of both tiles' events.
   *
   * @param newer all its events are later than the older one's
   */
  T merge(T older, T newer);

  /** What a tile tells. */
  @Nullable Object value(@Nullable T tile);

  void write(T tile, StateOutput out);

  T read(StateInput in);

  /** The greatest number of bytes that a tile is written in. */
  int greatestBytes();
}

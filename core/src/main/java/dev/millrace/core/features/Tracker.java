package dev.millrace.core.features;

import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;

/**
 * What an operation remembers of a user beside tiles; changed in place.
 *
 * @param <T> what is remembered
 */
interface Tracker<T> {

  T start();

  /**
   * Folds an event in.
   *
   * @param watermark the user's greatest event time, the event's included
   * @param conditions of the event, and room for what a tracker tells of it
   */
  void fold(T state, FoldedEvent event, long watermark, boolean[] conditions);

  void write(T state, StateOutput out);

  T read(StateInput in);

  /** The greatest number of bytes that it is written in. */
  int greatestBytes();
}

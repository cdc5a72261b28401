package dev.millrace.core.features;

import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import org.jspecify.annotations.Nullable;

/** The latest event that met a condition, and the one that was latest before it. */
final class SinceTracker implements Tracker<SinceTracker.Latest> {

  /** Microseconds; the least long if there was none. */
  static final class Latest {
    private long time = Long.MIN_VALUE;
    private long before = Long.MIN_VALUE;
  }

  private final int condition;

  /**
   * @param condition below 0: every event meets it
   */
  SinceTracker(int condition) {
    this.condition = condition;
  }

  private boolean isMetBy(FoldedEvent event) {
    return condition < 0 || event.conditions()[condition];
  }

  @Override
  public Latest start() {
    return new Latest();
  }

  @Override
  public void fold(Latest state, FoldedEvent event, long watermark, boolean[] conditions) {
    if (isMetBy(event)) {
      state.before = state.time;
      state.time = Math.max(state.time, event.time());
    }
  }

  /** As of the event that was folded last, which is none of its own earlier ones. */
  @Nullable Long asOf(Latest state, FoldedEvent event) {
    return since(isMetBy(event) ? state.before : state.time, event.time());
  }

  @Nullable Long at(Latest state, long time) {
    return since(state.time, time);
  }

  private static @Nullable Long since(long earlier, long time) {
    if (earlier == Long.MIN_VALUE) {
      return null;
    }
    return Math.max(0, time - earlier);
  }

  @Override
  public void write(Latest state, StateOutput out) {
    out.putLong(state.time).putLong(state.before);
  }

  @Override
  public Latest read(StateInput in) {
    Latest state = new Latest();
    state.time = in.getLong();
    state.before = in.getLong();
    return state;
  }

  @Override
  public int greatestBytes() {
    return 2 * Long.BYTES;
  }
}

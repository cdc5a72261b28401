package dev.millrace.core.features;

import dev.millrace.core.Micros;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The latest events that are steps of a pattern, and the latest that completed it. */
final class SequenceTracker implements Tracker<SequenceTracker.Steps> {

  /**
   * @param steps which steps it is, a bit for each
   */
  private record Step(long time, int steps) {}

  /** Oldest first; of one time, in the order in which they were folded. */
  static final class Steps {
    private final List<Step> events = new ArrayList<>(0);

    /** Times of the latest events that completed the pattern, oldest first. */
    private final List<Long> completions = new ArrayList<>(0);
  }

  private final int[] conditions;
  private final int[] times;
  private final int where;
  private final int completes;
  private final long within;

  /**
   * @param conditions of the steps, in their order
   * @param times how often each must be met
   * @param where below 0: the pattern is looked for in all events
   * @param completes place among the conditions for whether the event completes the pattern
   */
  SequenceTracker(int[] conditions, int[] times, int where, int completes, Duration within) {
    this.conditions = conditions;
    this.times = times;
    this.where = where;
    this.completes = completes;
    this.within = Micros.of(within);
  }

  @Override
  public Steps start() {
    return new Steps();
  }

  @Override
  public void fold(Steps state, FoldedEvent event, long watermark, boolean[] of) {
    long oldest = watermark - within;
    state.events.removeIf(step -> step.time() < oldest);
    state.completions.removeIf(completion -> completion < oldest);
    if (where >= 0 && !event.conditions()[where]) {
      return;
    }
    int steps = 0;
    for (int i = 0; i < conditions.length; i++) {
      steps |= event.conditions()[conditions[i]] ? 1 << i : 0;
    }
    if (steps == 0) {
      return;
    }
    long time = event.time();
    int place = state.events.size();
    while (place > 0 && state.events.get(place - 1).time() > time) {
      place--;
    }
    if ((steps & 1 << (conditions.length - 1)) != 0 && isComplete(state.events, place, time)) {
      of[completes] = true;
      if (time >= oldest) {
        complete(state.completions, time);
      }
    }
    if (time >= oldest) {
      state.events.add(place, new Step(time, steps));
      if (state.events.size() > Op.Sequence.REMEMBERED) {
        state.events.remove(0);
      }
    }
  }

  private static void complete(List<Long> completions, long time) {
    int place = completions.size();
    while (place > 0 && completions.get(place - 1) > time) {
      place--;
    }
    completions.add(place, time);
    if (completions.size() > Op.Sequence.REMEMBERED) {
      completions.remove(0);
    }
  }

  /**
   * Whether an event of the last step at that place completes the pattern: the latest event for
   * each step, from the last to the first, leaves the most for those before it.
   */
  private boolean isComplete(List<Step> events, int place, long time) {
    int step = conditions.length - 1;
    int missing = times[step] - 1;
    for (int i = place - 1; ; i--) {
      while (missing == 0) {
        if (step == 0) {
          return true;
        }
        step--;
        missing = times[step];
      }
      if (i < 0 || time - events.get(i).time() > within) {
        return false;
      }
      if ((events.get(i).steps() & 1 << step) != 0) {
        missing--;
      }
    }
  }

  /** Whether the pattern was completed within its time before the moment. */
  boolean isRecent(Steps state, long time) {
    for (long completion : state.completions) {
      if (completion <= time && time - completion <= within) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void write(Steps state, StateOutput out) {
    out.putCount(state.completions.size());
    state.completions.forEach(out::putLong);
    out.putCount(state.events.size());
    state.events.forEach(step -> out.putLong(step.time()).putByte(step.steps()));
  }

  @Override
  public Steps read(StateInput in) {
    Steps state = new Steps();
    for (int size = in.getSize(Long.BYTES); size > 0; size--) {
      state.completions.add(in.getLong());
    }
    for (int size = in.getSize(Long.BYTES + 1); size > 0; size--) {
      state.events.add(new Step(in.getLong(), in.getByte()));
    }
    return state;
  }

  @Override
  public int greatestBytes() {
    return 2 + Op.Sequence.REMEMBERED * (2 * Long.BYTES + 1);
  }
}

package dev.millrace.core.features;

import dev.millrace.core.Micros;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user's latest sessions. Those that ended more than twelve gaps before the watermark are
 * forgotten, and events that old begin none, so there are at most thirteen.
 */
final class SessionTracker implements Tracker<List<SessionTracker.Session>> {

  /** Times in microseconds, both ends included. */
  record Session(long start, long end, long events) {}

  private static final int GAPS_REMEMBERED = 12;

  private final int condition;
  private final long gap;

  /**
   * @param condition below 0: every event meets it
   */
  SessionTracker(int condition, Duration gap) {
    this.condition = condition;
    this.gap = Micros.of(gap);
  }

  @Override
  public List<Session> start() {
    return new ArrayList<>(1);
  }

  /** Oldest first; they neither touch nor overlap. */
  @Override
  public void fold(List<Session> state, FoldedEvent event, long watermark, boolean[] conditions) {
    long oldest = watermark - GAPS_REMEMBERED * gap;
    state.removeIf(session -> session.end() < oldest);
    boolean isMet = condition < 0 || event.conditions()[condition];
    long time = event.time();
    if (!isMet || time < oldest) {
      return;
    }
    int place = state.size();
    while (place > 0 && state.get(place - 1).start() > time) {
      place--;
    }
    Session merged = new Session(time, time, 1);
    if (place < state.size() && state.get(place).start() - time <= gap) {
      merged = merge(merged, state.remove(place));
    }
    if (place > 0 && time - state.get(place - 1).end() <= gap) {
      state.set(place - 1, merge(state.get(place - 1), merged));
    } else {
      state.add(place, merged);
    }
  }

  private static Session merge(Session one, Session other) {
    return new Session(
        Math.min(one.start(), other.start()),
        Math.max(one.end(), other.end()),
        one.events() + other.events());
  }

  /** Events of the session at the time; 0 if there is none. */
  long events(List<Session> state, long time) {
    Session session = at(state, time);
    return session == null ? 0 : session.events();
  }

  /** From the session's start to the time or its end, whichever is first; 0 if there is none. */
  long duration(List<Session> state, long time) {
    Session session = at(state, time);
    return session == null ? 0 : Math.min(time, session.end()) - session.start();
  }

  private @Nullable Session at(List<Session> state, long time) {
    for (int i = state.size() - 1; i >= 0; i--) {
      Session session = state.get(i);
      if (session.start() <= time) {
        return time - session.end() <= gap ? session : null;
      }
    }
    return null;
  }

  @Override
  public void write(List<Session> state, StateOutput out) {
    out.putCount(state.size());
    for (Session session : state) {
      out.putLong(session.start())
          .putCount(session.end() - session.start())
          .putCount(session.events());
    }
  }

  @Override
  public List<Session> read(StateInput in) {
    List<Session> state = start();
    for (int size = in.getSize(Long.BYTES + 2); size > 0; size--) {
      long start = in.getLong();
      state.add(new Session(start, start + in.getCount(), in.getCount()));
    }
    return state;
  }

  @Override
  public int greatestBytes() {
    return 1 + (GAPS_REMEMBERED + 1) * 3 * 9;
  }
}

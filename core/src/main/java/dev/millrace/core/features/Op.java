package dev.millrace.core.features;

import dev.millrace.core.expression.Expression;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a feature makes of the events that it is about. All but {@link Since} and {@link Session}
 * are folded over windows, or over the user's whole past if the feature has none.
 *
 * <p>Of two events of one time, the one folded later is the later one; in the order of the log that
 * is the order of origins.
 */
public sealed interface Op {

  /** Number of events. */
  record Count() implements Op {}

  /** Sum, in the unit of its input, held at the ends of 64 bits; 0 of nothing. */
  record Sum(Input of) implements Op {}

  /** Mean as a double, in the unit of its input; null of nothing. */
  record Mean(Input of) implements Op {}

  /** Variance of the population as a double, in the square of the unit; null of nothing. */
  record Variance(Input of) implements Op {}

  /** Least value; null of nothing. */
  record Min(Input of) implements Op {}

  /** Greatest value; null of nothing. */
  record Max(Input of) implements Op {}

  /** Value of the earliest event that has one; null of nothing. */
  record First(Input of) implements Op {}

  /** Value of the latest event that has one; null of nothing. */
  record Last(Input of) implements Op {}

  /**
   * Values of the latest events, the latest first.
   *
   * @param k 1 to 64
   */
  record LastK(Input of, int k) implements Op {}

  /**
   * Number of different values, exact up to the bound and the bound beyond it.
   *
   * @param max 1 to 1024
   */
  record Distinct(Input of, int max) implements Op {}

  /** Estimated number of different values, HyperLogLog of 1024 registers: σ 3.3 %. */
  record DistinctApprox(Input of) implements Op {}

  /**
   * The value of rank ⌈q × n⌉, found to 3.2 % by counts in buckets of a sixteenth of an octave;
   * null of nothing.
   *
   * @param perMillion q × 10⁶, 1 to 999 999
   */
  record Quantile(Input of, int perMillion) implements Op {}

  /**
   * Share of the feature's events for which the condition holds, 0 to 1; null of no events.
   *
   * @param condition what makes an event count
   */
  record Ratio(Expression condition) implements Op {}

  /**
   * Microseconds since the latest earlier event; 0 if it is not earlier than this one, null if
   * there is none.
   */
  record Since() implements Op {}

  /**
   * The session at a moment: events that follow each other by no more than the gap. A late event
   * may see later events of its own session. What is told as of a moment more than the gap after
   * the newest event of a session is no session, which has nothing.
   *
   * @param gap at least 1 s
   * @param emit at least one
   */
  record Session(Duration gap, List<Emit> emit) implements Op {

    public enum Emit {
      /** Events in the session. */
      EVENTS,
      /** From its first event to the moment or its last event, microseconds. */
      DURATION
    }

    public Session {
      emit = List.copyOf(emit);
    }
  }

  /**
   * A pattern: each step so often, in this order, other events between them allowed, from the first
   * event to the last within the time. It is complete when an event of the last step is folded and
   * the others are there before it. Over windows the number of events that completed it; without
   * windows whether one did within the time before the moment, of those that are no farther than
   * that behind the user's newest event.
   *
   * @param steps 1 to 8, of together at most 32 events
   * @param within both ends included
   */
  record Sequence(List<Step> steps, Duration within) implements Op {

    /**
     * @param name as declared
     * @param times &gt;= 1
     */
    public record Step(String name, Expression condition, int times) {}

    /**
     * Events of a user that are remembered because they are steps, and as many because they
     * completed the pattern; the latest, if there are more.
     */
    public static final int REMEMBERED = 64;

    public Sequence {
      steps = List.copyOf(steps);
    }
  }

  /** As declarations spell it: {@code last_k}. */
  default String word() {
    return getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
        .toLowerCase(Locale.ROOT);
  }

  /** What is folded; null for operations that are about the events themselves. */
  default @Nullable Input input() {
    if (this instanceof Sum op) {
      return op.of();
    } else if (this instanceof Mean op) {
      return op.of();
    } else if (this instanceof Variance op) {
      return op.of();
    } else if (this instanceof Min op) {
      return op.of();
    } else if (this instanceof Max op) {
      return op.of();
    } else if (this instanceof First op) {
      return op.of();
    } else if (this instanceof Last op) {
      return op.of();
    } else if (this instanceof LastK op) {
      return op.of();
    } else if (this instanceof Distinct op) {
      return op.of();
    } else if (this instanceof DistinctApprox op) {
      return op.of();
    }
    return this instanceof Quantile op ? op.of() : null;
  }
}

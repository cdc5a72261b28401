package dev.millrace.core.features;

import dev.millrace.core.expression.Variables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a column owes to the order in which events were folded.
 *
 * <p>Folded in one order, every column is the same bit for bit, on the stream, in a replay and in a
 * backfill, as of every event and at every moment. The class says what holds between two orders of
 * the same events, such as the order of the log, in which a vector is served, and the corrected one
 * by (event time, origin): what is read as of a moment once all of them were folded. A vector as of
 * an event is another matter: it holds what was folded by then, and a late event was not.
 *
 * <p>From the strongest to the weakest, so that what is made of several columns has the greatest of
 * their classes.
 */
public enum Parity {
  /**
   * Commutative: the value is the same in whatever order the events came, however late they were.
   */
  ORDER_FREE("order-free"),

  /**
   * Ordered by event time; of two events of one time the one folded later is the later one. The
   * value is the same in the order of the log and in the corrected one, and in any other order, say
   * of events that were published again, if no two events have the same time.
   */
  EVENT_TIME("event-time"),

  /**
   * Ordered by arrival, because memory is bounded or an event is judged when it is folded. The
   * value is the same if no event came late; a session also if none came more than eleven gaps
   * late.
   */
  ARRIVAL("arrival");

  private final String text;

  Parity(String text) {
    this.text = text;
  }

  /** Stands in catalogues. */
  public String text() {
    return text;
  }

  /** The class of each column of the feature. */
  public static Parity of(Feature feature) {
    Op op = feature.op();
    if (op instanceof Op.Session || op instanceof Op.Sequence) {
      return ARRIVAL;
    }
    return op instanceof Op.First || op instanceof Op.Last || op instanceof Op.LastK
        ? EVENT_TIME
        : ORDER_FREE;
  }

  /** In the order of the set's columns. */
  public static List<Parity> ofColumns(FeatureSet set) {
    Map<String, Parity> known = new TreeMap<>();
    List<Parity> classes = new ArrayList<>();
    for (Feature feature : set.features()) {
      for (Column column : FeatureSet.columns(feature)) {
        known.put(column.name(), of(feature));
        classes.add(of(feature));
      }
    }
    for (Derived derived : set.derived()) {
      Parity weakest = ORDER_FREE;
      for (String name : Variables.of(derived.expression())) {
        Parity read = known.getOrDefault(name, ORDER_FREE);
        weakest = read.compareTo(weakest) > 0 ? read : weakest;
      }
      known.put(derived.name(), weakest);
      classes.add(weakest);
    }
    return classes;
  }
}

package dev.millrace.core.features;

import dev.millrace.core.Micros;
import dev.millrace.core.expression.Expression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a feature set is folded: what is taken of an event, which operation has which place in which
 * row of tiles, and where each column is read.
 */
final class Plan {

  /** Start of the only tile of what has no window. */
  static final long WHOLE_PAST = 0;

  /**
   * @param isTold only told from others, so that its digest is enough
   */
  record Taken(Input input, boolean isTold) {}

  /** Place of an operation in the tiles of a row. */
  sealed interface Slot {

    /** Which events it is about; below 0: every one. */
    int condition();

    default boolean isFor(boolean[] conditions) {
      return condition() < 0 || conditions[condition()];
    }
  }

  /**
   * @param at where its longs in a tile begin
   */
  record LongSlot(LongAggregate aggregate, int at, int condition) implements Slot {}

  /**
   * @param at which object of a tile
   */
  record ObjectSlot(ObjectAggregate<Object> aggregate, int at, int condition) implements Slot {}

  /** Tiles of one length. */
  static final class Row {
    final long hop;
    final List<LongSlot> longSlots = new ArrayList<>();
    final List<ObjectSlot> objectSlots = new ArrayList<>();
    final List<Window> windows = new ArrayList<>();

    /** Of one tile; the first is its start. */
    int longs = 1;

    /** Microseconds; 0 for what has no window. */
    long longestWindow;

    /** Place among the rows, given when all are known. */
    int number;

    /**
     * @param hop microseconds; 0 for what has no window
     */
    Row(long hop) {
      this.hop = hop;
    }

    TileRow start() {
      return new TileRow(longs, objectSlots.size());
    }

    long tileOf(long time) {
      return hop == 0 ? WHOLE_PAST : Math.floorDiv(time, hop) * hop;
    }

    /** The same, and without a division if it is the newest of the tiles. */
    long tileOf(long time, TileRow tiles) {
      long newest = tiles.newest();
      return newest <= time && time < newest + hop ? newest : tileOf(time);
    }

    Window window(long length) {
      for (Window window : windows) {
        if (window.length() == length) {
          return window;
        }
      }
      Window window = new Window(this, length, windows.size());
      windows.add(window);
      longestWindow = Math.max(longestWindow, length);
      return window;
    }

    /** Most tiles that a user can have. */
    long greatestTiles() {
      return hop == 0 ? 1 : longestWindow / hop + 1;
    }
  }

  /** Where a column comes from. */
  interface Reader {
    /**
     * @param time the moment that windows end at
     * @param event the one that was just folded; null = none, it is a moment like any other
     */
    @Nullable Object read(UserActivity activity, long time, @Nullable FoldedEvent event);
  }

  final List<Expression> conditions = new ArrayList<>();
  final List<Taken> inputs = new ArrayList<>();
  final List<Tracker<Object>> trackers = new ArrayList<>();
  final List<Reader> readers = new ArrayList<>();
  private final Map<Long, Row> rowsByHop = new TreeMap<>();
  private int told;

  Plan(FeatureSet set) {
    // Conditions of events come before those that trackers tell.
    for (Feature feature : set.features()) {
      conditionsOf(feature);
    }
    set.features().forEach(this::add);
    int number = 0;
    for (Row row : rowsByHop.values()) {
      row.number = number++;
    }
  }

  /** Conditions of an event and those that trackers tell of it. */
  int allConditions() {
    return conditions.size() + told;
  }

  /** Shortest tiles last. */
  List<Row> rows() {
    return List.copyOf(rowsByHop.values());
  }

  private void conditionsOf(Feature feature) {
    condition(feature.where());
    if (feature.op() instanceof Op.Ratio ratio) {
      condition(ratio.condition());
    } else if (feature.op() instanceof Op.Sequence sequence) {
      sequence.steps().forEach(step -> condition(step.condition()));
    }
  }

  private int condition(@Nullable Expression expression) {
    if (expression == null) {
      return -1;
    }
    int known = conditions.indexOf(expression);
    if (known >= 0) {
      return known;
    }
    conditions.add(expression);
    return conditions.size() - 1;
  }

  private int input(Input input, boolean isTold) {
    Taken taken = new Taken(input, isTold);
    int known = inputs.indexOf(taken);
    if (known >= 0) {
      return known;
    }
    inputs.add(taken);
    return inputs.size() - 1;
  }

  private void add(Feature feature) {
    Op op = feature.op();
    int where = condition(feature.where());
    if (op instanceof Op.Since) {
      SinceTracker tracker = new SinceTracker(where);
      int at = track(tracker);
      readers.add(
          (activity, time, event) -> {
            SinceTracker.Latest latest = (SinceTracker.Latest) activity.tracked(at);
            return event == null ? tracker.at(latest, time) : tracker.asOf(latest, event);
          });
    } else if (op instanceof Op.Session session) {
      add(session, where);
    } else if (op instanceof Op.Sequence sequence) {
      add(sequence, where, feature.windows());
    } else {
      addOverTiles(op, where, feature.windows());
    }
  }

  private void add(Op.Session session, int where) {
    SessionTracker tracker = new SessionTracker(where, session.gap());
    int at = track(tracker);
    for (Op.Session.Emit emit : session.emit()) {
      readers.add(
          (activity, time, event) -> {
            @SuppressWarnings("unchecked") // what the tracker at this place made
            List<SessionTracker.Session> sessions =
                (List<SessionTracker.Session>) activity.tracked(at);
            return emit == Op.Session.Emit.EVENTS
                ? tracker.events(sessions, time)
                : tracker.duration(sessions, time);
          });
    }
  }

  private void add(Op.Sequence sequence, int where, List<Duration> windows) {
    int[] steps = sequence.steps().stream().mapToInt(step -> condition(step.condition())).toArray();
    int[] times = sequence.steps().stream().mapToInt(Op.Sequence.Step::times).toArray();
    int completes = conditions.size() + told++;
    SequenceTracker tracker =
        new SequenceTracker(steps, times, where, completes, sequence.within());
    int at = track(tracker);
    if (windows.isEmpty()) {
      readers.add(
          (activity, time, event) ->
              tracker.isRecent((SequenceTracker.Steps) activity.tracked(at), time));
    } else {
      addOverTiles(new Op.Count(), completes, windows);
    }
  }

  @SuppressWarnings("unchecked") // what a tracker made is given to that tracker only
  private int track(Tracker<?> tracker) {
    trackers.add((Tracker<Object>) tracker);
    return trackers.size() - 1;
  }

  private void addOverTiles(Op op, int where, List<Duration> windows) {
    if (windows.isEmpty()) {
      readers.add(row(0).window(0).reader(place(op, where, row(0))));
    }
    Map<Long, Slot> placed = new TreeMap<>();
    for (Duration window : windows) {
      Row row = row(Micros.of(Hop.of(window)));
      // Windows of one feature with equal tiles share them.
      Slot slot = placed.computeIfAbsent(row.hop, hop -> place(op, where, row));
      readers.add(row.window(Micros.of(window)).reader(slot));
    }
  }

  private Row row(long hop) {
    return rowsByHop.computeIfAbsent(hop, Row::new);
  }

  private Slot place(Op op, int where, Row row) {
    LongAggregate longs = longAggregate(op);
    if (longs != null) {
      LongSlot slot = new LongSlot(longs, row.longs, where);
      row.longSlots.add(slot);
      row.longs += longs.slots();
      return slot;
    }
    @SuppressWarnings("unchecked") // what an aggregate made is given to that aggregate only
    ObjectAggregate<Object> objects = (ObjectAggregate<Object>) objectAggregate(op);
    ObjectSlot slot = new ObjectSlot(objects, row.objectSlots.size(), where);
    row.objectSlots.add(slot);
    return slot;
  }

  private @Nullable LongAggregate longAggregate(Op op) {
    if (op instanceof Op.Count) {
      return new LongAggregate.Count();
    } else if (op instanceof Op.Sum sum) {
      return new LongAggregate.Sum(input(sum.of(), false));
    } else if (op instanceof Op.Mean mean) {
      return new LongAggregate.Moments(input(mean.of(), false), false);
    } else if (op instanceof Op.Variance variance) {
      return new LongAggregate.Moments(input(variance.of(), false), true);
    } else if (op instanceof Op.Min min) {
      return new LongAggregate.Extreme(input(min.of(), false), false);
    } else if (op instanceof Op.Max max) {
      return new LongAggregate.Extreme(input(max.of(), false), true);
    }
    return op instanceof Op.Ratio ratio
        ? new LongAggregate.Ratio(condition(ratio.condition()))
        : null;
  }

  private ObjectAggregate<?> objectAggregate(Op op) {
    if (op instanceof Op.First first) {
      return new EndValues(input(first.of(), false), EndValues.End.FIRST, 1);
    } else if (op instanceof Op.Last last) {
      return new EndValues(input(last.of(), false), EndValues.End.LAST, 1);
    } else if (op instanceof Op.LastK lastK) {
      return new EndValues(input(lastK.of(), false), EndValues.End.LAST_K, lastK.k());
    } else if (op instanceof Op.Distinct distinct) {
      return new DistinctValues(input(distinct.of(), true), distinct.max());
    } else if (op instanceof Op.DistinctApprox approx) {
      return new HyperLogLog(input(approx.of(), true));
    } else if (op instanceof Op.Quantile quantile) {
      return new LogBuckets(input(quantile.of(), false), quantile.perMillion());
    }
    throw new IllegalArgumentException("Nothing is known of " + op);
  }
}

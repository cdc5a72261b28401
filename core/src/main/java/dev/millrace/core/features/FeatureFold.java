package dev.millrace.core.features;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventContent;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Memo;
import dev.millrace.core.Micros;
import dev.millrace.core.expression.Expression;
import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.core.state.UnreadableStateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Folds one user's clean events into feature vectors.
 *
 * <p>A window of length W at time t holds the tiles from max(floor(t − W), floor(watermark − W)) to
 * floor(t), floors taken to the window's hop; so it is too long by at most one hop, and a late
 * event may see later events of its own tile.
 *
 * <p>What changes a user's activity is the event as the set takes it; so the changelog holds small
 * events, and a restart folds them again.
 */
public final class FeatureFold implements StateCodec<UserActivity, FoldedEvent> {

  private static final int FORMAT = 1;

  /** About nine thousand years: times beyond are taken as this, so that differences fit. */
  private static final long FARTHEST = 1L << 58;

  private static final int GREATEST_CONDITIONS = 64;

  private final FeatureSet set;
  private final List<Column> columns;
  private final Map<String, Integer> columnNumbers;
  private final Map<String, Expression> lets;
  private final Plan plan;
  private final Plan.Row[] rows;

  /** Events have few different countries, and many of a product. */
  private final Memo<Digest128> digests = new Memo<>();

  /** The first 32 bits of the feature set's hash. */
  private final long mark;

  public FeatureFold(FeatureSet set) {
    this.set = set;
    this.columns = set.columns();
    Map<String, Integer> numbers = new TreeMap<>();
    columns.forEach(column -> numbers.put(column.name(), numbers.size()));
    this.columnNumbers = Map.copyOf(numbers);
    Map<String, Expression> named = new TreeMap<>();
    set.lets().forEach(let -> named.put(let.name(), let.expression()));
    this.lets = Map.copyOf(named);
    this.plan = new Plan(set);
    if (plan.allConditions() > GREATEST_CONDITIONS) {
      throw new IllegalArgumentException(
          "%s has %d different conditions and may have %d"
              .formatted(set.name(), plan.allConditions(), GREATEST_CONDITIONS));
    }
    this.rows = plan.rows().toArray(new Plan.Row[0]);
    this.mark = Long.parseLong(set.sha256().substring(0, 8), 16);
  }

  public FeatureSet set() {
    return set;
  }

  /** The greatest number of bytes that a user's activity is written in, whatever the user does. */
  public long greatestBytes() {
    long bytes = 1 + 5 + Long.BYTES;
    for (Plan.Row row : rows) {
      long tile = row.longs * 10L;
      for (Plan.ObjectSlot slot : row.objectSlots) {
        tile += 1 + slot.aggregate().greatestBytes();
      }
      bytes += 2 + tile * row.greatestTiles();
    }
    for (Tracker<Object> tracker : plan.trackers) {
      bytes += tracker.greatestBytes();
    }
    return bytes;
  }

  /** Adds the event to the user's activity and tells the vector as of the event. */
  public FeatureVector fold(UserActivity activity, CleanEvent event) {
    FoldedEvent folded = take(event);
    apply(activity, folded);
    return vector(activity, event, folded);
  }

  /** What the set folds of the event; changes nothing. */
  public FoldedEvent take(CleanEvent event) {
    Expression.Scope scope = scope(event.content());
    boolean[] conditions = new boolean[plan.allConditions()];
    for (int i = 0; i < plan.conditions.size(); i++) {
      conditions[i] = plan.conditions.get(i).isTrue(scope);
    }
    @Nullable Object[] values = new @Nullable Object[plan.inputs.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = taken(plan.inputs.get(i), scope);
    }
    return new FoldedEvent(bounded(Micros.of(event.eventTime())), conditions, values);
  }

  private Expression.Scope scope(EventContent content) {
    return new Expression.Scope() {
      @Override
      public @Nullable Object value(String variable) {
        Expression let = lets.get(variable);
        return let == null ? content.value(variable) : let.evaluate(this);
      }
    };
  }

  private @Nullable Object taken(Plan.Taken taken, Expression.Scope scope) {
    @Nullable Object value = scope.value(taken.input().name());
    @Nullable Object typed =
        switch (taken.input().type()) {
          case INTEGER, MICROS -> value instanceof Long ? value : null;
          case DOUBLE ->
              value instanceof Long whole
                  ? (Object) (double) whole
                  : value instanceof Double real && Double.isFinite(real) ? real + 0.0 : null;
          case STRING -> value instanceof String text ? text : null;
          case BOOLEAN -> value instanceof Boolean ? value : null;
        };
    if (typed != null && taken.isTold()) {
      return digest(typed);
    }
    return typed instanceof String text ? Values.bounded(text) : typed;
  }

  private Digest128 digest(Object value) {
    @Nullable Digest128 known = value instanceof String text ? digests.find(text) : null;
    if (known != null) {
      return known;
    }
    Digest128 digest = CanonicalHash.start().add(value).digest128();
    if (value instanceof String text) {
      digests.put(text, digest);
    }
    return digest;
  }

  private static long bounded(long time) {
    return Math.max(-FARTHEST, Math.min(time, FARTHEST));
  }

  @Override
  public UserActivity start() {
    TileRow[] tiles = new TileRow[rows.length];
    for (int i = 0; i < rows.length; i++) {
      tiles[i] = rows[i].start();
    }
    Object[] tracked = new Object[plan.trackers.size()];
    for (int i = 0; i < tracked.length; i++) {
      tracked[i] = plan.trackers.get(i).start();
    }
    return new UserActivity(tiles, tracked);
  }

  @Override
  public void apply(UserActivity activity, FoldedEvent event) {
    activity.advanceTo(event.time());
    boolean[] conditions = event.conditions();
    if (conditions.length > plan.conditions.size()) {
      // What trackers tell is theirs to tell anew: the event may be folded again after a restart.
      conditions = Arrays.copyOf(conditions, conditions.length);
      Arrays.fill(conditions, plan.conditions.size(), conditions.length, false);
    }
    for (int i = 0; i < plan.trackers.size(); i++) {
      plan.trackers.get(i).fold(activity.tracked(i), event, activity.watermark(), conditions);
    }
    for (Plan.Row row : rows) {
      fold(row, activity, event, conditions);
    }
  }

  private static void fold(
      Plan.Row row, UserActivity activity, FoldedEvent event, boolean[] conditions) {
    TileRow tiles = activity.row(row.number);
    long start = row.tileOf(event.time(), tiles);
    long newest = row.tileOf(activity.watermark(), tiles);
    long oldest = newest - row.longestWindow;
    tiles.dropBefore(oldest);
    if (start < oldest) {
      return;
    }
    int tile = -1;
    for (Plan.LongSlot slot : row.longSlots) {
      if (slot.isFor(conditions)) {
        tile = tile < 0 ? tiles.tileAt(start) : tile;
        slot.aggregate().fold(tiles.longs(), tile * tiles.longStride() + slot.at(), event);
      }
    }
    for (Plan.ObjectSlot slot : row.objectSlots) {
      if (slot.isFor(conditions)) {
        tile = tile < 0 ? tiles.tileAt(start) : tile;
        @Nullable Object before = tiles.object(tile, slot.at());
        tiles.setObject(tile, slot.at(), slot.aggregate().fold(before, event));
      }
    }
    for (Window window : row.windows) {
      window.follow(tiles, newest, start, event, conditions);
    }
  }

  /** The vector as of the event that was applied last. */
  public FeatureVector vector(UserActivity activity, CleanEvent event, FoldedEvent folded) {
    return new FeatureVector(
        event.userId(),
        event.eventId(),
        event.eventType(),
        event.eventTime(),
        event.receivedAt(),
        event.late(),
        event.origin(),
        event.activationOffset(),
        set.name(),
        set.version(),
        set.sha256(),
        read(activity, folded.time(), folded));
  }

  /** The columns as of a moment, without an event: a quiet user's windows run empty. */
  public List<@Nullable Object> read(UserActivity activity, Instant at) {
    return read(activity, bounded(Micros.of(at)), null);
  }

  private List<@Nullable Object> read(
      UserActivity activity, long time, @Nullable FoldedEvent event) {
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    for (Plan.Reader reader : plan.readers) {
      values.add(reader.read(activity, time, event));
    }
    for (Derived derived : set.derived()) {
      values.add(finite(derived.expression().evaluate(columns(values))));
    }
    return values;
  }

  /** The columns before a derived one, as its expression sees them. */
  private Expression.Scope columns(List<@Nullable Object> values) {
    return name -> {
      Integer number = columnNumbers.get(name);
      if (number == null || number >= values.size()) {
        return Expression.NO_VALUE;
      }
      @Nullable Object value = values.get(number);
      return value instanceof Long whole ? (Object) whole.doubleValue() : value;
    };
  }

  private static @Nullable Object finite(@Nullable Object value) {
    if (value == Expression.NO_VALUE) {
      return null;
    }
    // +0.0 turns -0.0 into 0.0: the two are equal to every reader.
    return value instanceof Double real ? (Double.isFinite(real) ? real + 0.0 : null) : value;
  }

  // Bytes

  @Override
  public void write(UserActivity activity, StateOutput out) {
    out.putByte(FORMAT).putCount(mark).putLong(activity.watermark());
    for (Plan.Row row : rows) {
      write(row, activity.row(row.number), out);
    }
    for (int i = 0; i < plan.trackers.size(); i++) {
      plan.trackers.get(i).write(activity.tracked(i), out);
    }
  }

  private static void write(Plan.Row row, TileRow tiles, StateOutput out) {
    out.putCount(tiles.size());
    long before = 0;
    for (int tile = 0; tile < tiles.size(); tile++) {
      long number = row.hop == 0 ? 0 : tiles.start(tile) / row.hop;
      out.putSigned(number - before);
      before = number;
      for (int i = 1; i < row.longs; i++) {
        out.putSigned(tiles.longs()[tile * row.longs + i]);
      }
      for (Plan.ObjectSlot slot : row.objectSlots) {
        @Nullable Object object = tiles.object(tile, slot.at());
        out.putByte(object == null ? 0 : 1);
        if (object != null) {
          slot.aggregate().write(object, out);
        }
      }
    }
  }

  @Override
  public UserActivity read(StateInput in) {
    requireOurs(in);
    UserActivity empty = start();
    empty.advanceTo(in.getLong());
    for (Plan.Row row : rows) {
      read(row, empty.row(row.number), in);
    }
    Object[] tracked = new Object[plan.trackers.size()];
    for (int i = 0; i < tracked.length; i++) {
      tracked[i] = plan.trackers.get(i).read(in);
    }
    in.requireEnd();
    return empty.with(tracked);
  }

  private static void read(Plan.Row row, TileRow tiles, StateInput in) {
    int size = in.getSize(row.longs + row.objectSlots.size());
    if (size > row.greatestTiles() + 1) {
      throw in.damaged();
    }
    long number = 0;
    for (int i = 0; i < size; i++) {
      number += in.getSigned();
      long start = number * row.hop;
      if (tiles.size() > 0 && start <= tiles.start(tiles.size() - 1)) {
        throw in.damaged();
      }
      int tile = tiles.tileAt(start);
      for (int slot = 1; slot < row.longs; slot++) {
        tiles.longs()[tile * row.longs + slot] = in.getSigned();
      }
      for (Plan.ObjectSlot slot : row.objectSlots) {
        if (in.getByte() != 0) {
          tiles.setObject(tile, slot.at(), slot.aggregate().read(in));
        }
      }
    }
  }

  @Override
  public void writeChange(FoldedEvent event, StateOutput out) {
    out.putByte(FORMAT).putCount(mark).putLong(event.time());
    long bits = 0;
    for (int i = 0; i < plan.conditions.size(); i++) {
      bits |= event.conditions()[i] ? 1L << i : 0;
    }
    out.putCount(bits);
    for (Object value : event.values()) {
      Values.write(value, out);
    }
  }

  @Override
  public FoldedEvent readChange(StateInput in) {
    requireOurs(in);
    long time = bounded(in.getLong());
    long bits = in.getCount();
    boolean[] conditions = new boolean[plan.allConditions()];
    for (int i = 0; i < plan.conditions.size(); i++) {
      conditions[i] = (bits & 1L << i) != 0;
    }
    @Nullable Object[] values = new @Nullable Object[plan.inputs.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Values.read(in);
    }
    in.requireEnd();
    return new FoldedEvent(time, conditions, values);
  }

  private void requireOurs(StateInput in) {
    in.requireFormat(FORMAT);
    if (in.getCount() != mark) {
      throw new UnreadableStateException(
          "A state was written by another set than %s@%d, sha256 %s; read it with the set that wrote it, or rebuild it"
              .formatted(set.name(), set.version(), set.sha256()));
    }
  }
}

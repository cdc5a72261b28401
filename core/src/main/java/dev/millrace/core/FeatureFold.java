package dev.millrace.core;

import dev.millrace.core.state.UnreadableStateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Folds one user's clean events into feature vectors.
 *
 * <p>A window of length W at time t holds the tiles from max(floor(t − W), floor(watermark − W)) to
 * floor(t), floors taken to the window's hop; so it is too long by at most one hop, and a late
 * event may see later events of its own tile.
 */
public final class FeatureFold {

  /**
   * @param window microseconds; 0 for a column without window
   * @param hop microseconds
   */
  private record Column(Feature feature, long window, long hop) {

    long tileOf(long time) {
      return Math.floorDiv(time, hop) * hop;
    }

    /** First tile of the window that ends at the time. */
    long oldestTile(long time) {
      return tileOf(time - window);
    }
  }

  private final FeatureSet set;
  private final String sha256;
  private final List<Column> columns = new ArrayList<>();
  private final UserActivityCodec codec;

  public FeatureFold(FeatureSet set) {
    this.set = set;
    this.sha256 = set.sha256();
    for (Feature feature : set.features()) {
      if (feature.windows().isEmpty()) {
        columns.add(new Column(feature, 0, 0));
      }
      for (Duration window : feature.windows()) {
        columns.add(new Column(feature, Micros.of(window), Micros.of(Hop.of(window))));
      }
    }
    this.codec = new UserActivityCodec(columns.stream().map(Column::feature).toList(), sha256);
  }

  public FeatureSet set() {
    return set;
  }

  public UserActivity start() {
    return new UserActivity(columns.size());
  }

  /** Adds the event to the user's activity and tells the vector as of the event. */
  public FeatureVector fold(UserActivity activity, CleanEvent event) {
    long time = Micros.of(event.eventTime());
    long before = activity.watermark();
    activity.advanceTo(time);
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      if (column.window() == 0) {
        continue;
      }
      TreeMap<Long, Tile> row = activity.row(i);
      long reachable = column.oldestTile(activity.watermark());
      row.headMap(reachable, false).clear();
      Tile tile = tileOf(column.feature(), event.content());
      if (tile != null && column.tileOf(time) >= reachable) {
        row.merge(column.tileOf(time), tile, Tile::plus);
      }
    }
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
        sha256,
        read(activity, time, before));
  }

  /** The columns as of a moment, without an event: a quiet user's windows run empty. */
  public List<@Nullable Object> read(UserActivity activity, Instant at) {
    return read(activity, Micros.of(at), activity.watermark());
  }

  /** The state in bytes, for a host to keep. */
  public byte[] write(UserActivity activity) {
    return codec.write(activity);
  }

  /**
   * The state again.
   *
   * @throws UnreadableStateException if the bytes are none that this set wrote
   */
  public UserActivity read(byte[] bytes) {
    return codec.read(bytes);
  }

  private List<@Nullable Object> read(UserActivity activity, long time, long previous) {
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      values.add(
          column.window() == 0
              ? since(previous, time)
              : window(column, activity.row(i), activity.watermark(), time));
    }
    return values;
  }

  private static @Nullable Long since(long previous, long time) {
    return previous == UserActivity.NEVER ? null : Math.max(0, time - previous);
  }

  private static Object window(Column column, TreeMap<Long, Tile> row, long watermark, long time) {
    long newest = column.tileOf(time);
    long oldest =
        watermark == UserActivity.NEVER
            ? column.oldestTile(time)
            : Math.max(column.oldestTile(time), column.oldestTile(watermark));
    Tile sum = column.feature().zero();
    if (oldest <= newest) {
      for (Tile tile : row.subMap(oldest, true, newest, true).values()) {
        sum = sum.plus(tile);
      }
    }
    return sum.value();
  }

  private static @Nullable Tile tileOf(Feature feature, EventContent content) {
    EventField of = feature.of();
    @Nullable Object value = of == null ? null : content.value(of);
    return switch (feature.op()) {
      case COUNT -> new Tile.Count(1);
      case SUM -> value instanceof Long amount ? Tile.Sum.of(amount) : null;
      case DISTINCT ->
          value instanceof String text
              ? Tile.Distinct.of(CanonicalHash.start().add(text).digest128(), feature.cap())
              : null;
      case SINCE -> null;
    };
  }
}

package dev.millrace.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a feature set remembers of one user: sparse tiles, a row of them for each windowed column.
 *
 * <p>{@link FeatureFold} changes it in place; whoever hosts the fold keeps it, or drops it when the
 * fold fails.
 */
public final class UserActivity {

  /** Watermark of a user without events. */
  static final long NEVER = Long.MIN_VALUE;

  /** By column; tile start in microseconds → tile. */
  private final List<TreeMap<Long, Tile>> rows;

  private long watermark;

  UserActivity(int columns) {
    this(NEVER, emptyRows(columns));
  }

  UserActivity(long watermark, List<TreeMap<Long, Tile>> rows) {
    this.watermark = watermark;
    this.rows = List.copyOf(rows);
  }

  /** Greatest event time folded so far, microseconds. */
  long watermark() {
    return watermark;
  }

  /** Greatest event time folded so far; null before the first event. */
  public @Nullable Instant newestEventTime() {
    return watermark == NEVER ? null : Micros.toInstant(watermark);
  }

  void advanceTo(long eventTime) {
    watermark = Math.max(watermark, eventTime);
  }

  TreeMap<Long, Tile> row(int column) {
    return rows.get(column);
  }

  List<TreeMap<Long, Tile>> rows() {
    return rows;
  }

  /** How much is remembered; bounded by the windows, whatever the number of events. */
  public int tileCount() {
    return rows.stream().mapToInt(TreeMap::size).sum();
  }

  private static List<TreeMap<Long, Tile>> emptyRows(int columns) {
    List<TreeMap<Long, Tile>> rows = new ArrayList<>(columns);
    for (int i = 0; i < columns; i++) {
      rows.add(new TreeMap<>());
    }
    return rows;
  }
}

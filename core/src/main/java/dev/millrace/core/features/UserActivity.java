package dev.millrace.core.features;

import dev.millrace.core.Micros;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a feature set remembers of one user: sparse tiles, a row for each length of them, and what
 * its operations track beside them. {@link FeatureFold} changes it in place.
 */
public final class UserActivity {

  /** Watermark of a user without events. */
  static final long NEVER = Long.MIN_VALUE;

  private final TileRow[] rows;
  private final Object[] tracked;
  private long watermark = NEVER;

  UserActivity(TileRow[] rows, Object[] tracked) {
    this.rows = rows;
    this.tracked = tracked;
  }

  /** The same tiles and watermark beside what was tracked. */
  UserActivity with(Object[] tracked) {
    UserActivity activity = new UserActivity(rows, tracked);
    activity.watermark = watermark;
    return activity;
  }

  /** Greatest event time folded so far, microseconds. */
  long watermark() {
    return watermark;
  }

  void advanceTo(long eventTime) {
    watermark = Math.max(watermark, eventTime);
  }

  /** Greatest event time folded so far; null before the first event. */
  public @Nullable Instant newestEventTime() {
    return watermark == NEVER ? null : Micros.toInstant(watermark);
  }

  TileRow row(int number) {
    return rows[number];
  }

  Object tracked(int number) {
    return tracked[number];
  }

  /** How many tiles are remembered; bounded by the windows, whatever the number of events. */
  int tileCount() {
    int tiles = 0;
    for (TileRow row : rows) {
      tiles += row.size();
    }
    return tiles;
  }
}

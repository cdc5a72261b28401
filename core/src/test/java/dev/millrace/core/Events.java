package dev.millrace.core;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Small events with telling names. */
public final class Events {

  public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  public static final String TOPIC_ID = "vWqVX8QcTSOUr0-1tPkJWA";

  private Events() {}

  public static EventContent content(String userId, String eventId, Instant eventTime) {
    return content(Map.of(EventField.USER_ID, userId, EventField.EVENT_ID, eventId), eventTime);
  }

  public static EventContent content(Map<EventField, Object> more, Instant eventTime) {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    fields.put(EventField.EVENT_TYPE, "view");
    fields.put(EventField.EVENT_TIME, eventTime);
    fields.putAll(more);
    return new EventContent(fields);
  }

  /** Arrives when it happens, at the offset, under its own user's key. */
  public static Arrival arrival(long offset, EventContent content) {
    String user = content.text(EventField.USER_ID);
    Instant time = content.time(EventField.EVENT_TIME);
    return new Arrival(
        new Origin(TOPIC_ID, 0, offset),
        user == null ? "no user" : user,
        "web",
        time == null ? NOON : time,
        0,
        content.digest(),
        new Arrival.Reading(content, List.of()));
  }

  public static CleanEvent clean(long offset, Instant eventTime, Map<EventField, Object> more) {
    EventContent content = content(more, eventTime);
    return new CleanEvent(
        "ann",
        "e-" + offset,
        false,
        eventTime,
        eventTime,
        false,
        new Origin(TOPIC_ID, 0, offset),
        "web",
        0,
        content,
        List.of());
  }

  public static Instant noonPlus(Duration duration) {
    return NOON.plus(duration);
  }
}

package dev.millrace.core;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an event says: our fields and the producer's own attributes, each at most once, absent ones
 * left out. Iteration follows {@link EventField} and then the attribute names, never a hash.
 *
 * @param fields values of the class that {@link EventField.Type} names
 * @param attributes String, Long, Double or Boolean
 */
public record EventContent(Map<EventField, Object> fields, SortedMap<String, Object> attributes) {

  public EventContent {
    Map<EventField, Object> copy = new EnumMap<>(EventField.class);
    copy.putAll(fields);
    copy.forEach(EventContent::requireType);
    fields = Collections.unmodifiableMap(copy);
    attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
  }

  public EventContent(Map<EventField, Object> fields) {
    this(fields, Collections.emptySortedMap());
  }

  public @Nullable String text(EventField field) {
    return (String) fields.get(field);
  }

  /** An integer or micros field. */
  public @Nullable Long number(EventField field) {
    return (Long) fields.get(field);
  }

  public @Nullable Instant time(EventField field) {
    return (Instant) fields.get(field);
  }

  /** The field or attribute of that name; null if it is absent. A field wins over an attribute. */
  public @Nullable Object value(String name) {
    EventField field = EventField.named(name).orElse(null);
    return field == null ? attributes.get(name) : fields.get(field);
  }

  /** Equal for equal content only; arrival is no part of it, so a producer's retry stays equal. */
  public Digest128 digest() {
    CanonicalHash hash = CanonicalHash.start();
    fields.forEach((field, value) -> hash.add(field.fieldName()).add(value));
    hash.add(null);
    attributes.forEach((name, value) -> hash.add(name).add(value));
    return hash.digest128();
  }

  private static void requireType(EventField field, Object value) {
    if (!field.type().valueClass().isInstance(value)) {
      throw new IllegalArgumentException(
          field.fieldName() + " holds " + field.type() + ", not " + value.getClass().getName());
    }
  }
}

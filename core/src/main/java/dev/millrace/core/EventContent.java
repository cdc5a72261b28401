package dev.millrace.core;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What an event says: our fields and the producer's own attributes, each at most once, absent ones
 * left out. Iteration follows {@link EventField} and then the attribute names, never a hash.
 */
public final class EventContent {

  private static final EventField[] FIELDS = EventField.values();

  /** By the field's place in {@link EventField}. */
  private final @Nullable Object[] values;

  private final SortedMap<String, Object> attributes;

  /** Collects fields; each content that is built stands for itself. */
  public static final class Builder {

    private final @Nullable Object[] values;
    private SortedMap<String, Object> attributes;

    public Builder() {
      this(new @Nullable Object[FIELDS.length], Collections.emptySortedMap());
    }

    private Builder(@Nullable Object[] values, SortedMap<String, Object> attributes) {
      this.values = values;
      this.attributes = attributes;
    }

    /**
     * @param value of the class that the field's type names; null = absent
     */
    public Builder put(EventField field, @Nullable Object value) {
      if (value != null && !field.type().valueClass().isInstance(value)) {
        throw new IllegalArgumentException(
            field.fieldName() + " holds " + field.type() + ", not " + value.getClass().getName());
      }
      values[field.ordinal()] = value;
      return this;
    }

    /**
     * @param attributes String, Long, Double or Boolean
     */
    public Builder attributes(Map<String, Object> attributes) {
      this.attributes =
          attributes.isEmpty()
              ? Collections.emptySortedMap()
              : Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
      return this;
    }

    public EventContent build() {
      return new EventContent(values.clone(), attributes);
    }
  }

  private EventContent(@Nullable Object[] values, SortedMap<String, Object> attributes) {
    this.values = values;
    this.attributes = attributes;
  }

  /**
   * @param fields values of the class that {@link EventField.Type} names
   * @param attributes String, Long, Double or Boolean
   */
  public EventContent(Map<EventField, Object> fields, SortedMap<String, Object> attributes) {
    Builder builder = new Builder().attributes(attributes);
    fields.forEach(builder::put);
    this.values = builder.values;
    this.attributes = builder.attributes;
  }

  public EventContent(Map<EventField, Object> fields) {
    this(fields, Collections.emptySortedMap());
  }

  /** A builder that holds all that this content does. */
  public Builder change() {
    return new Builder(values.clone(), attributes);
  }

  /** Null if it is absent. */
  public @Nullable Object value(EventField field) {
    return values[field.ordinal()];
  }

  public @Nullable String text(EventField field) {
    return (String) value(field);
  }

  /** An integer or micros field. */
  public @Nullable Long number(EventField field) {
    return (Long) value(field);
  }

  public @Nullable Instant time(EventField field) {
    return (Instant) value(field);
  }

  /** The field or attribute of that name; null if it is absent. A field wins over an attribute. */
  public @Nullable Object value(String name) {
    EventField field = EventField.find(name);
    return field == null ? attributes.get(name) : value(field);
  }

  /** Every field that is there. */
  public void forEachField(BiConsumer<EventField, Object> action) {
    for (EventField field : FIELDS) {
      @Nullable Object value = value(field);
      if (value != null) {
        action.accept(field, value);
      }
    }
  }

  /** The fields that are there. */
  public Map<EventField, Object> fields() {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    forEachField(fields::put);
    return Collections.unmodifiableMap(fields);
  }

  /** String, Long, Double or Boolean, by name. */
  public SortedMap<String, Object> attributes() {
    return attributes;
  }

  /** Equal for equal content only; arrival is no part of it, so a producer's retry stays equal. */
  public Digest128 digest() {
    CanonicalHash hash = CanonicalHash.start();
    forEachField((field, value) -> hash.add(field.fieldName()).add(value));
    hash.add(null);
    attributes.forEach((name, value) -> hash.add(name).add(value));
    return hash.digest128();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventContent that
        && Arrays.equals(values, that.values)
        && attributes.equals(that.attributes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + attributes.hashCode();
  }

  @Override
  public String toString() {
    return fields() + " " + attributes;
  }
}

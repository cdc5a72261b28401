package dev.millrace.core;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields every event can have; what a producer sends beyond them becomes an attribute. Names
 * are promises: they stand in messages, tables and declarations. Add, never rename.
 */
public enum EventField {
  USER_ID(Type.STRING),
  EVENT_ID(Type.STRING),
  EVENT_TIME(Type.TIME),
  EVENT_TYPE(Type.STRING),
  EVENT_CATEGORY(Type.STRING),
  SESSION_ID(Type.STRING),
  DEVICE_ID(Type.STRING),
  IP(Type.STRING),
  COUNTRY(Type.STRING),
  REGION(Type.STRING),
  CITY(Type.STRING),
  EMAIL(Type.STRING),
  PHONE(Type.STRING),
  PRODUCT_ID(Type.STRING),
  PRODUCT_CATEGORY(Type.STRING),
  QUANTITY(Type.INTEGER),
  VALUE_MICROS(Type.MICROS),
  CURRENCY(Type.STRING),
  DURATION_MICROS(Type.MICROS);

  /** What a field holds, and what a payload must offer for it. */
  public enum Type {
    STRING(String.class),
    INTEGER(Long.class),
    /** A decimal number in the payload, kept × 10⁶. */
    MICROS(Long.class),
    BOOLEAN(Boolean.class),
    TIME(Instant.class);

    private final Class<?> valueClass;

    Type(Class<?> valueClass) {
      this.valueClass = valueClass;
    }

    public Class<?> valueClass() {
      return valueClass;
    }
  }

  private static final Map<String, EventField> BY_NAME =
      Stream.of(values())
          .collect(Collectors.toUnmodifiableMap(EventField::fieldName, Function.identity()));

  private final String fieldName = name().toLowerCase(Locale.ROOT);
  private final Type type;

  EventField(Type type) {
    this.type = type;
  }

  /** The name on every wire, in YAML and in tables. */
  public String fieldName() {
    return fieldName;
  }

  public Type type() {
    return type;
  }

  public static Optional<EventField> named(String fieldName) {
    return Optional.ofNullable(find(fieldName));
  }

  static @Nullable EventField find(String fieldName) {
    return BY_NAME.get(fieldName);
  }
}

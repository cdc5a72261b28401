package dev.millrace.core.cleansing;

import com.google.re2j.Pattern;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.cleansing.Normaliser.NotNormalException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a contract demands of one field or attribute.
 *
 * @param name as on the wire
 * @param type what an attribute must be; for a field, what it is
 * @param normalisers applied in order, before anything is checked; of texts only
 * @param otherwise stands in for a value that is absent or blank; null = nothing does
 * @param shortest Unicode characters, &gt;= 0
 * @param longest Unicode characters
 * @param pattern RE2; must match the whole text; null = any text
 * @param allowed empty = anything
 * @param range of numbers and times; null = any
 * @param pii null = may be seen
 * @param outlier of whole numbers; null = none is odd
 * @param reference null = nothing is looked up
 */
public record FieldRule(
    String name,
    Type type,
    boolean required,
    List<Normaliser> normalisers,
    @Nullable Object otherwise,
    int shortest,
    int longest,
    @Nullable Pattern pattern,
    Set<Object> allowed,
    @Nullable Range range,
    @Nullable Pii pii,
    @Nullable Outlier outlier,
    @Nullable Reference reference) {

  /** What a value is. */
  public enum Type {
    STRING,
    INTEGER,
    /** A decimal × 10⁶. */
    MICROS,
    /** An attribute that may be whole or not; a double from here on. */
    NUMBER,
    BOOLEAN,
    TIME;

    public static Type of(EventField field) {
      return valueOf(field.type().name());
    }

    boolean isOf(Object value) {
      return switch (this) {
        case STRING -> value instanceof String;
        case INTEGER, MICROS -> value instanceof Long;
        case NUMBER -> value instanceof Long || value instanceof Double;
        case BOOLEAN -> value instanceof Boolean;
        case TIME -> value instanceof Instant;
      };
    }
  }

  /** How a value is kept from sight. */
  public enum Pii {
    /** Replaced by a keyed hash: equal values stay equal. */
    TOKENIZE,
    /** Replaced by stars, as many as it had characters. */
    MASK
  }

  /**
   * @param set name of the reference set
   * @param refuse whether an unknown value is a violation; otherwise it is flagged
   */
  public record Reference(String set, boolean refuse) {}

  /** A rule that asks for nothing but a bounded length. */
  public static FieldRule lenient(String name, Type type, int longest) {
    return new FieldRule(
        name, type, false, List.of(), null, 0, longest, null, Set.of(), null, null, null, null);
  }

  public FieldRule {
    normalisers = List.copyOf(normalisers);
    allowed = Collections.unmodifiableSet(new TreeSet<>(allowed));
    if (shortest < 0 || longest < shortest) {
      throw new IllegalArgumentException("0 <= shortest <= longest does not hold for " + name);
    }
  }

  /**
   * The value as it goes on, or null.
   *
   * @param value null if it is absent
   */
  @Nullable Object check(@Nullable Object value, Lookups lookups, Findings findings) {
    @Nullable Object normal = value;
    if (value instanceof String text) {
      try {
        normal = normalised(text);
      } catch (NotNormalException e) {
        findings.violation(e.reason(), name, e.what());
        return null;
      }
    }
    if (normal == null || (normal instanceof String text && text.isBlank())) {
      if (otherwise != null) {
        return otherwise;
      }
      if (required) {
        findings.violation(Reason.MISSING_FIELD, name, "is required, and is not there");
      }
      return null;
    }
    if (!type.isOf(normal)) {
      findings.violation(
          Reason.WRONG_TYPE, name, "is not of type " + type.name().toLowerCase(Locale.ROOT));
      return null;
    }
    Object typed = type == Type.NUMBER ? ((Number) normal).doubleValue() : normal;
    checkValue(typed, findings);
    if (reference != null && typed instanceof String text) {
      look(reference, text, lookups, findings);
    }
    return typed;
  }

  /**
   * What the rule itself would find wrong with the default; null if nothing. A default is not
   * checked again in every event.
   */
  public @Nullable String wrongWithDefault() {
    Findings findings = new Findings();
    if (otherwise != null) {
      checkValue(otherwise, findings);
    }
    return findings.violations().isEmpty() ? null : findings.violations().get(0).message();
  }

  /**
   * What is wrong with a value that is said to have passed. One that is kept from sight is judged
   * by whether it is there.
   *
   * @param value as it was published; null if it is absent
   */
  void judge(@Nullable Object value, Findings findings) {
    if (value == null) {
      if (required) {
        findings.violation(Reason.MISSING_FIELD, name, "is required, and is not there");
      }
    } else if (pii == null && !value.equals(otherwise)) {
      if (type.isOf(value)) {
        checkValue(value, findings);
      } else {
        findings.violation(
            Reason.WRONG_TYPE, name, "is not of type " + type.name().toLowerCase(Locale.ROOT));
      }
    }
  }

  private String normalised(String text) throws NotNormalException {
    String normal = text;
    for (Normaliser normaliser : normalisers) {
      if (normal.isBlank()) {
        return "";
      }
      normal = normaliser.apply(normal);
    }
    return normal;
  }

  private void checkValue(Object value, Findings findings) {
    if (value instanceof String text) {
      checkText(text, findings);
    }
    if (!allowed.isEmpty() && !allowed.contains(value)) {
      // Values that must not be seen of an event must not be seen in a list either.
      findings.violation(
          Reason.NOT_ALLOWED, name, "is none of " + (pii == null ? allowed : "those allowed"));
    }
    if (range != null && !range.contains(value)) {
      findings.violation(Reason.OUT_OF_RANGE, name, "must be " + range.inWords());
    }
  }

  private void checkText(String text, Findings findings) {
    int length = text.codePointCount(0, text.length());
    if (length < shortest) {
      findings.violation(Reason.TOO_SHORT, name, "has fewer than " + shortest + " characters");
    }
    if (length > longest) {
      findings.violation(Reason.TOO_LONG, name, "has more than " + longest + " characters");
    } else if (pattern != null && !pattern.matches(text)) {
      findings.violation(Reason.PATTERN_MISMATCH, name, "does not match " + pattern.pattern());
    }
  }

  private void look(Reference into, String text, Lookups lookups, Findings findings) {
    @Nullable Boolean known = lookups.contains(into.set(), text);
    if (known == null) {
      findings.flag(Flag.REFERENCE_UNAVAILABLE, name);
    } else if (!known && into.refuse()) {
      findings.violation(
          Reason.UNKNOWN_REFERENCE, name, "is not in the reference set " + into.set());
    } else if (!known) {
      findings.flag(Flag.UNKNOWN_REFERENCE, name);
    }
  }

  /** The value as others may see it. */
  Object concealed(Object value, Lookups lookups) {
    if (pii == null || !(value instanceof String text)) {
      return value;
    }
    return pii == Pii.TOKENIZE
        ? lookups.token(text)
        : "*".repeat(text.codePointCount(0, text.length()));
  }
}

package dev.millrace.core.features;

/**
 * What a feature folds of an event.
 *
 * @param name a field, an attribute, or something that the set computes of them
 */
public record Input(String name, Type type) {

  /** What the value is; an absent one is folded into nothing. */
  public enum Type {
    INTEGER,
    /** A decimal × 10⁶. */
    MICROS,
    DOUBLE,
    STRING,
    BOOLEAN;

    /** Whole numbers add up exactly and in any order; real ones don't. */
    public boolean isExactNumber() {
      return this == INTEGER || this == MICROS;
    }
  }
}

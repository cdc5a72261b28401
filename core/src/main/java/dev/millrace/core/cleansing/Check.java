package dev.millrace.core.cleansing;

import dev.millrace.core.expression.Expression;

/**
 * What must hold between fields. A check that has no value, because a field is absent, holds.
 *
 * @param field the field that its violation names
 * @param message what is wrong when it does not hold; names no value
 */
public record Check(String name, String field, Expression must, String message) {

  boolean holds(Expression.Scope event) {
    return !Boolean.FALSE.equals(must.evaluate(event));
  }
}

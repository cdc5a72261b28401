package dev.millrace.core.features;

import dev.millrace.core.expression.Expression;

/**
 * A column that is computed of the columns before it, whose numbers are doubles to it. What has no
 * value, a division by zero and a number that is not finite, is null.
 *
 * @param doc what it means, for people
 */
public record Derived(String name, String doc, Expression expression, Column.Type type) {}

/** Expressions of declarations, as trees that the fold evaluates. */
@NullMarked
package dev.millrace.core.expression;

import org.jspecify.annotations.NullMarked;

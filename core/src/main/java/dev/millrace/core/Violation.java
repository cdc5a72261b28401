package dev.millrace.core;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with an event.
 *
 * @param field the field or attribute concerned; null if it is the payload as a whole
 * @param message for people; names no value that a user sent
 */
public record Violation(Reason rule, @Nullable String field, String message) {}

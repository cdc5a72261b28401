package dev.millrace.schemas.table;

import org.jspecify.annotations.Nullable;

/** A map in a row; both of the same length. */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
public record Entries(Object[] keys, @Nullable Object[] values) {}

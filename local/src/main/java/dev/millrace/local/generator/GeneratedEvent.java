package dev.millrace.local.generator;

/**
 * A line and what must become of it.
 *
 * @param line one event as source {@code default} reads it, or what stands in for one; not blank,
 *     without a line feed
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, copied by nobody, written once
public record GeneratedEvent(byte[] line, Expectation expectation) {}

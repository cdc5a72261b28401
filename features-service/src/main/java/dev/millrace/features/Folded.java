package dev.millrace.features;

/** What became of a clean event: a vector, or a quarantine record if it provoked a fault. */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
record Folded(boolean isVector, byte[] message) {}

package dev.millrace.features;

/** What became of a clean event: a vector, or a quarantine record if it provoked a fault. */
record Folded(boolean isVector, byte[] message) {}

package dev.millrace.scoring;

/** What one model made of a vector: a score, or a quarantine record. */
record Scored(boolean isScore, byte[] message) {}

package dev.millrace.scoring;

/** What one model made of a vector: a score, or a quarantine record. */
@SuppressWarnings("ArrayRecordComponent") // Encoded bytes on their way to a topic; never compared.
record Scored(boolean isScore, byte[] message) {}

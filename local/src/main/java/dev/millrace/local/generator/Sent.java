package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An event on its way.
 *
 * @param user number
 * @param time event time, microseconds
 * @param event in the names that source {@code default} reads
 */
record Sent(int user, long time, ObjectNode event) {}

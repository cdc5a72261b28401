package dev.millrace.schemas.stage;

import dev.millrace.core.Violation;

/**
 * A fault of ours, which one event provoked.
 *
 * @param exception its class and where it was thrown; never its message, which may hold values
 */
public record Fault(Violation violation, String exception) {}

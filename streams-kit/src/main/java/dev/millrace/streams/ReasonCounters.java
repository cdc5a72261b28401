package dev.millrace.streams;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** Counts why events are quarantined at one stage. */
public final class ReasonCounters {

  private final String stage;
  private final MeterRegistry metrics;

  /**
   * @param stage as metrics name it
   */
  public ReasonCounters(String stage, MeterRegistry metrics) {
    this.stage = stage;
    this.metrics = metrics;
  }

  /** To be called once for each event. */
  public void count(List<Violation> violations) {
    violations.forEach(violation -> count(violation.rule()));
  }

  void count(Reason reason) {
    metrics
        .counter("millrace.events.quarantined", "stage", stage, "reason", reason.name())
        .increment();
  }
}

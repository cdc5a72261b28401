package dev.millrace.benchmarks.sidebyside;

import dev.millrace.local.generator.GeneratedEvent;
import dev.millrace.local.generator.GeneratedEvents;
import dev.millrace.local.generator.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The generator's events, all of them clean, in slices that go on where the last one ended. */
final class Slices {

  /** The user is the record's key, as a producer sends it that needs order. */
  @SuppressWarnings("ArrayRecordComponent") // carried on, never compared
  record Line(String user, byte[] json) {}

  private static final long SEED = 1;
  private static final int DAYS = 28;

  private final GeneratedEvents events;
  private final int slice;

  Slices(int slices, int slice, int users) {
    this.slice = slice;
    this.events =
        new GeneratedEvents(
            new Plan(SEED, Plan.USER_PREFIX, users, (long) slices * slice, Plan.START, DAYS, 0));
  }

  List<Line> next() {
    List<Line> lines = new ArrayList<>(slice);
    for (int i = 0; i < slice; i++) {
      GeneratedEvent event = events.next();
      lines.add(new Line(Objects.requireNonNull(event.expectation().user()), event.line()));
    }
    return lines;
  }
}

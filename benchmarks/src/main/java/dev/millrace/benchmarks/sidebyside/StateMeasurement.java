package dev.millrace.benchmarks.sidebyside;

import java.util.List;

/** How large a user's state is; exact but for the heap, so measured once. */
final class StateMeasurement {

  private static final double MOST_BYTES = 1_024;
  private static final int EVENTS_PER_USER = 20;
  private static final double MEBIBYTE = 1_048_576;

  private StateMeasurement() {}

  static Measured run(Bench bench) {
    int users = bench.size().users();
    ByName<Double> result =
        bench.result(
            "state",
            StateProgram.class,
            List.of("-XX:+UseSerialGC", "-Xmx4g"),
            List.of(
                bench.root().toString(),
                Integer.toString(users),
                Integer.toString(users * EVENTS_PER_USER)));
    Spread heap = Spread.of(result.get("heap"));
    Spread written = Spread.of(result.get("written"));
    bench.say(
        "  %.0f bytes of heap a user, %.0f written".formatted(heap.median(), written.median()));
    return new Measured(
        List.of(
            Goal.atMost(MOST_BYTES, "state of a user, in heap, mean", "bytes", heap),
            Goal.atMost(MOST_BYTES, "state of a user, written whole, mean", "bytes", written)),
        List.of(
            Row.of("heap, mean", "bytes/user", heap).withBar(),
            Row.of("written whole, mean", "bytes/user", written).withBar(),
            Row.of("written whole, largest", "bytes", Spread.of(result.get("largest"))),
            Row.of(
                "a change on the changelog, value only",
                "bytes/event",
                Spread.of(result.get("change"))),
            Row.of(
                "heap of a million such users",
                "MiB",
                Spread.of(result.get("heap") * 1e6 / MEBIBYTE)),
            Row.of("events, mean", "events/user", Spread.of(result.get("events")))),
        List.of(
            "The shipped feature set over the generator's 28 days of a shop: few users do much, most do little. Heap is what is freed when the store of the states of %,.0f users is closed, the users' ids included."
                .formatted(result.get("users"))));
  }
}

package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the fold costs, by {@link FoldProgram}: each repetition a JVM of its own, in turn. */
final class FoldMeasurements {

  private static final String MICROS = "µs CPU/event";
  private static final double WINDOW_BOUND = 1.1;
  private static final double USERS_BOUND = 1.3;

  /** Few enough to fill a month of windows soon, each with an event a minute. */
  private static final int HOT_USERS = 4;

  private static final Duration HOT_GAP = Duration.ofMinutes(1);
  private static final int MINUTES_OF_31_DAYS = 31 * 24 * 60;

  /** So eight events lie in thirty days, however many users there are. */
  private static final Duration USUAL_GAP = Duration.ofHours(90);

  private static final int EVENTS_IN_30_DAYS = 8;

  /**
   * @param heap of its JVM, gigabytes
   */
  private record Arm(
      String label, Path set, int users, Duration gap, int before, int events, int heap) {}

  private FoldMeasurements() {}

  static Measured windows(Bench bench) {
    List<Arm> arms =
        Stream.of("1h", "24h", "7d", "30d")
            .map(
                window ->
                    new Arm(
                        window,
                        file(bench, "windows-" + window, windowSet(window)),
                        HOT_USERS,
                        HOT_GAP,
                        HOT_USERS * MINUTES_OF_31_DAYS,
                        bench.size().foldEvents() / 4,
                        1))
            .toList();
    ByName<Spread> spreads = measured(bench, arms);
    return new Measured(
        List.of(
            Goal.atMost(
                WINDOW_BOUND,
                "windows of 30 d ÷ 1 h, CPU",
                "",
                spreads.get("30d").over(spreads.get("1h")))),
        rows(spreads, ", six operations in one window"),
        List.of(
            "Count, sum, mean, maximum, distinct values and a quantile over one window, of %d users with an event a minute each, so that every tile of every window is filled."
                .formatted(HOT_USERS),
            "The fold is measured in memory, without Kafka, whose noise is greater than the"
                + " difference."));
  }

  static Measured users(Bench bench) {
    Path shipped = bench.root().resolve("schemas/feature-sets/user-activity.yaml");
    List<Arm> arms =
        Stream.of(bench.size().fewUsers(), bench.size().manyUsers())
            .map(
                users ->
                    new Arm(
                        String.format(Locale.ROOT, "%,d users", users),
                        shipped,
                        users,
                        USUAL_GAP,
                        Math.max(users * EVENTS_IN_30_DAYS, bench.size().foldEvents()),
                        bench.size().foldEvents(),
                        6))
            .toList();
    ByName<Spread> spreads = measured(bench, arms);
    return new Measured(
        List.of(
            Goal.atMost(
                USERS_BOUND,
                "%s ÷ %s, CPU".formatted(arms.get(1).label(), arms.get(0).label()),
                "",
                spreads.get(arms.get(1).label()).over(spreads.get(arms.get(0).label())))),
        rows(spreads, ", shipped feature set"),
        List.of(
            "Events of random users, eight a user in thirty days whatever the number of users, so"
                + " that states are alike; heap of at most 6 GB, parallel collector, garbage"
                + " collection included.",
            "The fold is measured in memory, without Kafka."));
  }

  static Measured columns(Bench bench) {
    List<Arm> arms =
        Stream.of(1, 5, 20, 40)
            .map(
                features ->
                    new Arm(
                        features == 1 ? "1 feature" : features + " features",
                        file(bench, "columns-" + features, columnSet(features)),
                        1_000,
                        Duration.ofMinutes(30),
                        bench.size().foldEvents() / 4,
                        bench.size().foldEvents() / 4,
                        1))
            .toList();
    ByName<Spread> spreads = measured(bench, arms);
    return new Measured(
        List.of(),
        rows(spreads, ""),
        List.of(
            "Counts, sums, means, minima and maxima, each with a condition of its own and over an"
                + " hour and a day, so two columns a feature; a thousand users with an event every"
                + " half hour.",
            "The fold is measured in memory, without Kafka."));
  }

  private static List<Row> rows(ByName<Spread> spreads, String suffix) {
    List<Row> rows = new ArrayList<>();
    spreads.forEach((label, cpu) -> rows.add(Row.of(label + suffix, MICROS, cpu).withBar()));
    return rows;
  }

  private static ByName<Spread> measured(Bench bench, List<Arm> arms) {
    ByName<List<Double>> samples = new ByName<>();
    arms.forEach(arm -> samples.put(arm.label(), new ArrayList<>()));
    for (int turn = 0; turn < bench.size().repetitions(); turn++) {
      for (Arm arm : arms) {
        double cpu = once(bench, arm);
        samples.get(arm.label()).add(cpu);
        bench.say(
            String.format(
                Locale.ROOT,
                "  turn %d of %d  %-16s %6.2f µs CPU an event",
                turn + 1,
                bench.size().repetitions(),
                arm.label(),
                cpu));
      }
    }
    ByName<Spread> spreads = new ByName<>();
    samples.forEach((label, values) -> spreads.put(label, new Spread(values)));
    return spreads;
  }

  private static double once(Bench bench, Arm arm) {
    ByName<Double> result =
        bench.result(
            "fold",
            FoldProgram.class,
            List.of(
                "-XX:+UseParallelGC",
                "-Xms%dg".formatted(arm.heap()),
                "-Xmx%dg".formatted(arm.heap())),
            List.of(
                arm.set().toString(),
                Integer.toString(arm.users()),
                arm.gap().toString(),
                Integer.toString(arm.before()),
                Integer.toString(arm.events())));
    return result.get("cpu");
  }

  private static String windowSet(String window) {
    return declaration(
        Stream.of(
                "{name: events, op: count, windows: [%s]}",
                "{name: spend, op: sum, of: value_micros, windows: [%s]}",
                "{name: mean, op: mean, of: value_micros, windows: [%s]}",
                "{name: most, op: max, of: value_micros, windows: [%s]}",
                "{name: countries, op: distinct, of: country, max: 64, windows: [%s]}",
                "{name: duration_p95, op: quantile, of: duration_micros, q: 0.95, windows: [%s]}")
            .map(feature -> feature.formatted(window))
            .toList());
  }

  private static String columnSet(int features) {
    List<String> ops = List.of("count", "sum", "mean", "min", "max");
    return declaration(
        IntStream.range(0, features)
            .mapToObj(
                i ->
                    "{name: f%d, op: %s%s, where: \"quantity != %d\", windows: [1h, 24h]}"
                        .formatted(
                            i,
                            ops.get(i % ops.size()),
                            i % ops.size() == 0 ? "" : ", of: value_micros",
                            i % 50))
            .toList());
  }

  private static String declaration(List<String> features) {
    return features.stream()
        .map(feature -> "  - " + feature + "\n")
        .collect(
            Collectors.joining(
                "",
                """
                feature_set: bench
                version: 1
                entity: user_id
                source: events.clean
                features:
                """,
                ""));
  }

  private static Path file(Bench bench, String name, String text) {
    Path file = bench.work().resolve("sets").resolve(name + ".yaml");
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }
}

package dev.millrace.benchmarks.sidebyside;

import dev.millrace.local.MeasuredStack;
import java.util.ArrayList;
import java.util.List;

/** features-service with one setting changed at a time, each against the shipped ones. */
final class SettingsMeasurement {

  private static final int WARM_UPS = 3;

  private static final String CONFIGURATION =
      "--spring.cloud.stream.kafka.streams.binder.configuration.";

  /**
   * @param jvm instead of a server's
   */
  private record Setting(String label, List<String> jvm, List<String> arguments) {}

  /** What the next start of the service takes. */
  private static final class Current {
    private volatile Setting setting = SETTINGS.get(0);
  }

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("as shipped", Bench.serverJvm(), List.of()),
          of("producer batches of 512 KiB", "producer.batch.size=524288"),
          of("producer linger 5 ms instead of 100", "producer.linger.ms=5"),
          of("commit every second", "commit.interval.ms=1000"),
          of("lz4", "producer.compression.type=lz4"),
          of("polls of 5,000 records", "consumer.max.poll.records=5000"),
          new Setting(
              "serial collector",
              List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-Xmx1g"),
              List.of()),
          new Setting(
              "as ./millrace up: serial collector, C1 only, 256 MB",
              List.of("-XX:+UseSerialGC"),
              List.of()));

  private SettingsMeasurement() {}

  private static Setting of(String label, String property) {
    return new Setting(label, Bench.serverJvm(), List.of(CONFIGURATION + property));
  }

  static Measured run(Bench bench) {
    Current current = new Current();
    MeasuredStack stack =
        bench.stack(
            process ->
                process.equals(FeaturesMeasurement.FEATURES)
                    ? current.setting.jvm()
                    : Bench.serverJvm(),
            service -> current.setting.arguments());
    Bench once = bench.with(1, WARM_UPS, bench.size().slice() / 3);
    Slices slices =
        new Slices(
            SETTINGS.size() * bench.size().repetitions() * once.size().slices(),
            once.size().slice(),
            bench.size().users());
    var records = FeaturesMeasurement.records(bench, stack);
    ByName<List<Sample>> samples = new ByName<>();
    SETTINGS.forEach(setting -> samples.put(setting.label(), new ArrayList<>()));
    for (int turn = 0; turn < bench.size().repetitions(); turn++) {
      for (Setting setting : SETTINGS) {
        bench.say(
            "  turn %d of %d  %s".formatted(turn + 1, bench.size().repetitions(), setting.label()));
        current.setting = setting;
        stack.startServices(List.of(FeaturesMeasurement.FEATURES));
        try (Turns turns = new Turns(once, stack, List.of(FeaturesMeasurement.features(stack)))) {
          samples
              .get(setting.label())
              .addAll(turns.run(slices, records).get(FeaturesMeasurement.FEATURES));
        }
        stack.end(FeaturesMeasurement.FEATURES);
      }
    }
    bench.close();
    return measured(bench, samples);
  }

  private static Measured measured(Bench bench, ByName<List<Sample>> samples) {
    List<Row> rows = new ArrayList<>();
    ByName<Spread> spreads = new ByName<>();
    samples.forEach(
        (label, all) ->
            spreads.put(
                label,
                FeaturesMeasurement.of(
                    all,
                    sample ->
                        sample.micros(
                            List.of(FeaturesMeasurement.FEATURES, FeaturesMeasurement.BROKER)))));
    spreads.forEach(
        (label, spread) -> rows.add(Row.of(label, FeaturesMeasurement.MICROS, spread).withBar()));
    Spread shipped = spreads.get(SETTINGS.get(0).label());
    for (Setting setting : SETTINGS.subList(1, SETTINGS.size())) {
      rows.add(
          Row.of(
              setting.label() + " ÷ as shipped", "", spreads.get(setting.label()).over(shipped)));
    }
    return new Measured(
        List.of(),
        rows,
        List.of(
            "features-service and its broker, started anew for each setting in each turn; %d slices of %,d events to warm up, one to measure."
                .formatted(WARM_UPS, bench.size().slice() / 3)));
  }
}

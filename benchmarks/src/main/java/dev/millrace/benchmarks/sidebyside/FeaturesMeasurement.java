package dev.millrace.benchmarks.sidebyside;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.local.MeasuredStack;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A Kafka Streams pass-through ÷ features-service. */
final class FeaturesMeasurement {

  static final String FEATURES = "features-service";
  static final String BROKER = "kafka";
  static final String MICROS = "µs CPU/event";

  private static final String PASS_THROUGH = "pass-through";
  private static final String PASS_IN = "bench.clean";
  private static final String PASS_OUT = "bench.passed";
  private static final String CHANGELOG = "features-service-activity-by-user-changelog";
  private static final double LEAST_RATIO = 0.5;

  private FeaturesMeasurement() {}

  static Measured run(Bench bench) {
    MeasuredStack stack = bench.stack();
    Topic.create(stack.bootstrapServers(), PASS_IN, PASS_OUT);
    stack.startServices(List.of(FEATURES));
    ChildProcess passThrough =
        bench.program(
            PASS_THROUGH,
            PassThroughProgram.class,
            List.of(
                stack.bootstrapServers(),
                PASS_IN,
                PASS_OUT,
                bench.work().resolve("stack").resolve("pass-through").toString()));
    ByName<List<Sample>> samples;
    try (Turns turns =
        new Turns(
            bench,
            stack,
            List.of(
                new Turns.Arm(
                    PASS_THROUGH,
                    PASS_IN,
                    PASS_OUT,
                    Map.of(PASS_THROUGH, passThrough.pid(), BROKER, stack.processId(BROKER))),
                features(stack)))) {
      samples =
          turns.run(
              new Slices(bench.size().slices(), bench.size().slice(), bench.size().users()),
              records(bench, stack));
    }
    double changelog =
        (double) Topic.bytes(stack.bootstrapServers(), CHANGELOG)
            / bench.size().slices()
            / bench.size().slice();
    bench.close();
    return measured(bench, samples.get(PASS_THROUGH), samples.get(FEATURES), changelog);
  }

  static Turns.Arm features(MeasuredStack stack) {
    return new Turns.Arm(
        FEATURES,
        Topics.CLEAN.name(),
        Topics.FEATURES.name(),
        Map.of(FEATURES, stack.processId(FEATURES), BROKER, stack.processId(BROKER)));
  }

  /** Lines as they stand on {@code events.clean}. */
  static Function<Slices.Line, Function<String, ProducerRecord<byte[], byte[]>>> records(
      Bench bench, MeasuredStack stack) {
    CleanEvents events = new CleanEvents(bench.root(), stack.lastActivation());
    MessageCodec<CleanEventMessage> codec = MessageCodec.registered(stack.registry(), Topics.CLEAN);
    return line -> {
      byte[] value = codec.encode(events.message(line));
      return topic -> new ProducerRecord<>(topic, line.user().getBytes(UTF_8), value);
    };
  }

  private static Measured measured(
      Bench bench, List<Sample> passThrough, List<Sample> features, double changelog) {
    List<String> passed = List.of(PASS_THROUGH, BROKER);
    List<String> folded = List.of(FEATURES, BROKER);
    Spread passedCpu = of(passThrough, sample -> sample.micros(passed));
    Spread foldedCpu = of(features, sample -> sample.micros(folded));
    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("pass-through", MICROS, passedCpu).withBar());
    rows.add(
        Row.of("– the program", MICROS, of(passThrough, sample -> sample.micros(PASS_THROUGH))));
    rows.add(Row.of("– broker", MICROS, of(passThrough, sample -> sample.micros(BROKER))));
    rows.add(Row.of("features stage", MICROS, foldedCpu).withBar());
    rows.addAll(parts(features));
    rows.add(Row.of("pass-through", "events/s", of(passThrough, Sample::rate)));
    rows.add(Row.of("features stage", "events/s", of(features, Sample::rate)));
    rows.add(Row.of("changelog", "bytes/event", Spread.of(changelog)));
    return new Measured(
        List.of(
            Goal.atLeast(
                LEAST_RATIO, "pass-through ÷ features stage, CPU", "", passedCpu.over(foldedCpu))),
        rows,
        List.of(
            "Both read the same bytes of `events.clean`, %,d events of %,d users in a turn, with the shipped settings of Kafka Streams; the pass-through forwards them,"
                .formatted(bench.size().slice(), bench.size().users()),
            "features-service decodes them, folds them by the shipped feature set, keeps the state"
                + " with its changelog, and writes a vector for each. The changelog's bytes are"
                + " those in the broker's log, before compaction."));
  }

  /** What features-service and its broker take, apart. */
  static List<Row> parts(List<Sample> features) {
    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("– features-service", MICROS, of(features, s -> s.micros(FEATURES))));
    for (ThreadKind kind : ThreadKind.values()) {
      if (kind != ThreadKind.PROJECTION) {
        rows.add(
            Row.of(
                "– – " + kind.label(),
                MICROS,
                of(features, s -> s.micros(List.of(FEATURES), kind))));
      }
    }
    rows.add(Row.of("– broker", MICROS, of(features, s -> s.micros(BROKER))));
    return rows;
  }

  static Spread of(List<Sample> samples, ToDoubleFunction<Sample> value) {
    return new Spread(samples.stream().mapToDouble(value).boxed().toList());
  }
}

package dev.millrace.benchmarks.sidebyside;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.local.MeasuredStack;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** A plain exactly-once loop ÷ the chain of the four services. */
final class ChainMeasurement {

  private static final String BROKER = "kafka";
  private static final String REDIS = "redis";
  private static final String LOOP = "loop";
  private static final String CHAIN = "chain";
  private static final String LOOP_IN = "bench.inbound";
  private static final String LOOP_OUT = "bench.outbound";
  private static final String MICROS = "µs CPU/event";
  private static final String RATE = "events/s";
  private static final double LEAST_RATIO = 0.12;
  private static final double LEAST_RATE = 40_000;

  private static final List<Header> HEADERS =
      List.of(
          new RecordHeader("source", "default".getBytes(UTF_8)),
          new RecordHeader("content-type", ContentType.JSON.getBytes(UTF_8)));

  private ChainMeasurement() {}

  static Measured run(Bench bench) {
    MeasuredStack stack = bench.stack();
    Topic.create(stack.bootstrapServers(), LOOP_IN, LOOP_OUT);
    stack.startServices(MeasuredStack.services());
    ChildProcess loop =
        bench.program(
            LOOP, LoopProgram.class, List.of(stack.bootstrapServers(), LOOP_IN, LOOP_OUT));
    ByName<List<Sample>> samples;
    try (Turns turns = new Turns(bench, stack, arms(stack, loop))) {
      samples =
          turns.run(
              new Slices(bench.size().slices(), bench.size().slice(), bench.size().users()),
              ChainMeasurement::record);
    }
    bench.close();
    return measured(bench, samples.get(LOOP), samples.get(CHAIN));
  }

  private static List<Turns.Arm> arms(MeasuredStack stack, ChildProcess loop) {
    Map<String, Long> chain = new HashMap<>();
    for (String name : concat(MeasuredStack.services(), List.of(BROKER, REDIS))) {
      chain.put(name, stack.processId(name));
    }
    return List.of(
        new Turns.Arm(
            LOOP, LOOP_IN, LOOP_OUT, Map.of(LOOP, loop.pid(), BROKER, stack.processId(BROKER))),
        new Turns.Arm(CHAIN, Topics.INBOUND.name(), Topics.SCORES.name(), chain));
  }

  private static Function<String, ProducerRecord<byte[], byte[]>> record(Slices.Line line) {
    byte[] key = line.user().getBytes(UTF_8);
    return topic -> new ProducerRecord<>(topic, null, key, line.json(), HEADERS);
  }

  private static Measured measured(Bench bench, List<Sample> loop, List<Sample> chain) {
    List<String> services = MeasuredStack.services();
    List<String> chainProcesses = concat(services, List.of(BROKER));
    Spread loopCpu = of(loop, sample -> sample.micros(List.of(LOOP, BROKER)));
    Spread chainCpu = of(chain, sample -> sample.micros(chainProcesses));
    Spread loopRate = of(loop, Sample::rate);
    Spread chainRate = of(chain, Sample::rate);

    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("plain loop", MICROS, loopCpu).withBar());
    rows.add(Row.of("– the loop", MICROS, of(loop, sample -> sample.micros(LOOP))));
    rows.add(Row.of("– broker", MICROS, of(loop, sample -> sample.micros(BROKER))));
    rows.add(Row.of("chain", MICROS, chainCpu).withBar());
    for (String service : services) {
      rows.add(Row.of("– " + service, MICROS, of(chain, s -> s.micros(service))).withBar());
    }
    rows.add(Row.of("– broker", MICROS, of(chain, s -> s.micros(BROKER))).withBar());
    for (ThreadKind kind : ThreadKind.values()) {
      rows.add(
          Row.of(
              "of the services: " + kind.label(),
              MICROS,
              of(chain, s -> s.micros(services, kind))));
    }
    rows.add(Row.of("beside the chain: Redis itself", MICROS, of(chain, s -> s.micros(REDIS))));
    rows.add(Row.of("plain loop", RATE, loopRate));
    rows.add(Row.of("chain", RATE, chainRate));
    rows.add(Row.of("chain ÷ plain loop, by rate", "", chainRate.over(loopRate)));
    return new Measured(
        List.of(
            Goal.atLeast(LEAST_RATIO, "plain loop ÷ chain, CPU", "", loopCpu.over(chainCpu)),
            Goal.atLeast(LEAST_RATE, "chain", RATE, chainRate)),
        rows,
        List.of(
            "The loop reads committed records and writes them in transactions of 100 ms; the chain"
                + " is ingest-, cleansing-, features- and scoring-service,",
            "from `events.inbound` to `scores`. Both take the same %,d events of %,d users in a turn, %d partitions, one broker, everything on this machine, JVMs as on a server (C1 and C2, parallel collector, 1 GB)."
                .formatted(bench.size().slice(), bench.size().users(), MeasuredStack.PARTITIONS),
            "CPU is user and system time of whole processes, broker and all services, garbage collection and compilation included; %d turns after %d to warm up."
                .formatted(bench.size().repetitions(), bench.size().warmUps())));
  }

  private static List<String> concat(List<String> some, List<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  private static Spread of(List<Sample> samples, ToDoubleFunction<Sample> value) {
    return new Spread(samples.stream().mapToDouble(value).boxed().toList());
  }
}

package dev.millrace.benchmarks.sidebyside;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.local.MeasuredStack;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A fresh instance of the features stage reads all users' states from the changelog. */
final class RestoreMeasurement {

  private static final String IN = "bench.clean";
  private static final String OUT = "bench.folded";
  private static final double MOST_SECONDS = 5;
  private static final int EVENTS_PER_USER = 10;
  private static final int LINES_WITH_RESULT = 200;
  private static final double MEBIBYTE = 1_048_576;

  private RestoreMeasurement() {}

  static Measured run(Bench bench) {
    MeasuredStack stack = bench.stack();
    Topic.create(stack.bootstrapServers(), IN, OUT);
    int users = bench.size().restored();
    fill(bench, stack, users);
    double bytes = Topic.bytes(stack.bootstrapServers(), RestoreProgram.CHANGELOG);

    List<Double> seconds = new ArrayList<>();
    double records = 0;
    for (int turn = 0; turn < bench.size().repetitions(); turn++) {
      ChildProcess fresh = start(bench, stack, "restore-" + turn);
      ByName<Double> result = Programs.result(fresh.logTail(LINES_WITH_RESULT)).orElseThrow();
      fresh.terminate(Duration.ofSeconds(30));
      seconds.add(result.get("seconds"));
      records = result.get("records");
      bench.say(
          String.format(
              Locale.ROOT,
              "  turn %d of %d  %,.0f records in %.2f s",
              turn + 1,
              bench.size().repetitions(),
              records,
              result.get("seconds")));
    }
    bench.close();
    Spread spread = new Spread(seconds);
    return new Measured(
        List.of(
            Goal.atMost(
                MOST_SECONDS,
                String.format(Locale.ROOT, "restore of %,d users", users),
                "s",
                spread)),
        List.of(
            Row.of("restore", "s", spread).withBar(),
            Row.of("records read", "records", Spread.of(records)),
            Row.of("bytes read", "MiB", Spread.of(bytes / MEBIBYTE)),
            Row.of("changelog", "bytes/event", Spread.of(bytes / users / EVENTS_PER_USER))),
        List.of(
            "The real store in a topology around it, with the shipped feature set and settings; %d events of each user, few enough that compaction leaves them all."
                .formatted(EVENTS_PER_USER),
            "From the start of the first partition's restore to the end of the last, one stream"
                + " thread, a JVM that was just started."));
  }

  private static ChildProcess start(Bench bench, MeasuredStack stack, String name) {
    return bench.program(
        name,
        RestoreProgram.class,
        List.of(
            stack.bootstrapServers(),
            stack.registryUrl(),
            IN,
            OUT,
            bench.work().resolve("stack").resolve(name).toString()));
  }

  /** The generator's events, dealt out so that every user has as many. */
  private static void fill(Bench bench, MeasuredStack stack, int users) {
    ChildProcess filling = start(bench, stack, "restore-fill");
    int events = users * EVENTS_PER_USER;
    int slice = Math.min(events, 100_000);
    long dealt = 0;
    Slices slices = new Slices(events / slice, slice, users);
    CleanEvents clean = new CleanEvents(bench.root(), stack.lastActivation());
    MessageCodec<CleanEventMessage> codec = MessageCodec.registered(stack.registry(), Topics.CLEAN);
    try (Feed feed = new Feed(stack.bootstrapServers(), "restore");
        Outlet outlet = new Outlet(stack.bootstrapServers(), OUT, MeasuredStack.PARTITIONS)) {
      Map<TopicPartition, Long> before = outlet.end();
      for (int i = 0; i < events / slice; i++) {
        feed.begin();
        for (Slices.Line line : slices.next()) {
          CleanEventMessage message = clean.message(line);
          message.setUserId("user-" + dealt++ % users);
          feed.add(
              new ProducerRecord<>(IN, message.getUserId().getBytes(UTF_8), codec.encode(message)));
        }
        feed.fill();
        feed.release();
        bench.say("  filled %,d of %,d events".formatted((i + 1) * slice, events));
      }
      outlet.await(events, before);
    }
    filling.terminate(Duration.ofSeconds(30));
  }
}

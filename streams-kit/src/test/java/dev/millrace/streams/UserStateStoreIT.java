package dev.millrace.streams;

import static dev.millrace.schemas.stage.StateHost.ONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.stage.Fault;
import dev.millrace.schemas.stage.StateHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The store in a real topology on a real broker: faults half way, and the broker's own cleaner. */
class UserStateStoreIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long QUARANTINED = -1;
  private static final int USERS = 20;

  /** A change of this value fails when half of it is done. */
  private static final long FAULTY = 13;

  /** Sum and number of a user's values; the two are not changed at once. */
  private static final class Totals {
    long sum;
    long count;
  }

  private static final class TotalsCodec implements StateCodec<Totals, Long> {
    @Override
    public Totals start() {
      return new Totals();
    }

    @Override
    public void apply(Totals state, Long change) {
      state.sum += change;
      if (change == FAULTY) {
        throw new IllegalStateException("half way");
      }
      state.count++;
    }

    @Override
    public void write(Totals state, StateOutput out) {
      out.putSigned(state.sum).putCount(state.count);
    }

    @Override
    public Totals read(StateInput in) {
      Totals state = new Totals();
      state.sum = in.getSigned();
      state.count = in.getCount();
      in.requireEnd();
      return state;
    }

    @Override
    public void writeChange(Long change, StateOutput out) {
      out.putSigned(change);
    }

    @Override
    public Long readChange(StateInput in) {
      return in.getSigned();
    }
  }

  /** Adds each value to its user's totals and tells sum × 1000 + count. */
  private static final class Adding implements FixedKeyProcessor<String, Long, Long> {
    private final TakenBack takenBack;
    private FixedKeyProcessorContext<String, Long> context;
    private StateHost<Totals, Long> totals;

    Adding(TakenBack takenBack) {
      this.takenBack = takenBack;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, Long> context) {
      this.context = context;
      this.totals = takenBack.states(context.getStateStore("totals-by-user"));
    }

    @Override
    public void process(FixedKeyRecord<String, Long> record) {
      Origin origin =
          new Origin(
              "in",
              context.recordMetadata().orElseThrow().partition(),
              context.recordMetadata().orElseThrow().offset());
      if (totals.recall(ONLY, origin) != null) {
        context.forward(record.withValue(QUARANTINED));
        return;
      }
      try {
        totals.apply(ONLY, record.key(), record.value());
      } catch (IllegalStateException e) {
        totals.takeBack(
            ONLY,
            record.key(),
            origin,
            new Fault(new Violation(Reason.CODE_FAILURE, null, "fault"), "somewhere"));
      }
      Totals of = totals.state(ONLY, record.key());
      context.forward(record.withValue(of.sum * 1_000 + of.count));
    }
  }

  private record Add(TakenBack takenBack) implements FixedKeyProcessorSupplier<String, Long, Long> {
    @Override
    public FixedKeyProcessor<String, Long, Long> get() {
      return new Adding(takenBack);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(new UserStates<>("totals-by-user", new TotalsCodec()));
    }
  }

  @TempDir private Path state;
  private Surroundings surroundings;
  private String in;
  private String out;
  private String application;
  private KafkaProducer<String, Long> producer;
  private KafkaStreams streams;

  @BeforeEach
  void topics(TestInfo test) throws Exception {
    surroundings = Surroundings.shared();
    application = "totals-" + test.getTestMethod().orElseThrow().getName().toLowerCase().hashCode();
    in = application + "-in";
    out = application + "-out";
    surroundings
        .admin()
        .createTopics(List.of(new NewTopic(in, 2, (short) 1), new NewTopic(out, 2, (short) 1)))
        .all()
        .get();
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                surroundings.bootstrapServers(),
                // A batch that came before the new topic's leader was ready must not set others
                // back.
                "enable.idempotence",
                false,
                "max.in.flight.requests.per.connection",
                1),
            new StringSerializer(),
            new LongSerializer());
  }

  @AfterEach
  void stop() {
    if (streams != null) {
      streams.close(PATIENCE);
    }
    producer.close();
  }

  private KafkaStreams start() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(in, Consumed.with(Serdes.String(), Serdes.Long()))
        .processValues(new Add(new TakenBack()))
        .to(out, Produced.with(Serdes.String(), Serdes.Long()));
    Properties config = new Properties();
    config.putAll(
        Map.of(
            "application.id",
            application,
            "bootstrap.servers",
            surroundings.bootstrapServers(),
            "state.dir",
            state.toString(),
            "processing.guarantee",
            "exactly_once_v2",
            "commit.interval.ms",
            100,
            "replication.factor",
            1,
            "auto.offset.reset",
            "earliest"));
    KafkaStreams started = new KafkaStreams(builder.build(), config);
    started.start();
    return started;
  }

  /** What was told of each user, in order. */
  private Map<String, List<Long>> told(int expected) {
    Map<String, List<Long>> told = new TreeMap<>();
    try (KafkaConsumer<String, Long> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                surroundings.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new StringDeserializer(),
            new LongDeserializer())) {
      List<TopicPartition> all = List.of(new TopicPartition(out, 0), new TopicPartition(out, 1));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      int[] count = {0};
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                for (ConsumerRecord<String, Long> record : consumer.poll(Duration.ofMillis(200))) {
                  told.computeIfAbsent(record.key(), user -> new ArrayList<>()).add(record.value());
                  count[0]++;
                }
                return count[0] >= expected;
              });
      // Nothing comes twice after all have come.
      consumer
          .poll(Duration.ofMillis(300))
          .forEach(record -> told.get(record.key()).add(record.value()));
    }
    return told;
  }

  /** The obvious twin. */
  private static final class Twin {
    private final Map<String, List<Long>> told = new TreeMap<>();
    private final Map<String, long[]> totals = new HashMap<>();

    void add(String user, long value) {
      long[] total = totals.computeIfAbsent(user, any -> new long[2]);
      if (value != FAULTY) {
        total[0] += value;
        total[1]++;
      }
      told.computeIfAbsent(user, any -> new ArrayList<>())
          .add(value == FAULTY ? QUARANTINED : total[0] * 1_000 + total[1]);
    }
  }

  private void send(Random random, int events, int faultyEvery, Twin twin) {
    for (int i = 1; i <= events; i++) {
      String user = "user-" + random.nextInt(USERS);
      long value = i % faultyEvery == 0 ? FAULTY : 100 + random.nextInt(1_000);
      producer.send(new ProducerRecord<>(in, user, value));
      twin.add(user, value);
    }
    producer.flush();
  }

  @Test
  void aFaultHalfWayLeavesNoTraceAndEveryEventHasOneOutcome() {
    Twin twin = new Twin();
    send(new Random(1), 2_000, 600, twin);
    streams = start();

    assertThat(told(2_000)).isEqualTo(twin.told);
  }

  @Test
  void manyFaultsInOneTransactionAreEachTakenBackOnce() {
    Twin twin = new Twin();
    Random random = new Random(3);
    send(random, 20, Integer.MAX_VALUE, twin);
    send(random, 15, 1, twin);
    send(random, 20, Integer.MAX_VALUE, twin);
    streams = start();

    assertThat(told(55)).isEqualTo(twin.told);
  }

  @Test
  void whatTheBrokersCleanerLeavesIsTheSameState() throws Exception {
    Twin twin = new Twin();
    Random random = new Random(2);
    streams = start();
    send(random, 3_000, Integer.MAX_VALUE, twin);
    told(3_000);
    String changelog = application + "-totals-by-user-changelog";
    keepOnlyTheLastOfEachKey(changelog);
    // Segments roll when something is written to them again.
    send(random, 3_000, Integer.MAX_VALUE, twin);
    told(6_000);
    int left =
        await()
            .atMost(PATIENCE)
            .until(() -> records(changelog), records -> records < 6_000 - 2_000);

    streams.close(PATIENCE);
    streams = start();
    send(random, 500, Integer.MAX_VALUE, twin);

    assertThat(told(6_500)).isEqualTo(twin.told);
    assertThat(left).isLessThan(4_000);
  }

  private void keepOnlyTheLastOfEachKey(String topic) throws Exception {
    List<AlterConfigOp> eager =
        Map.of(
                "segment.ms", "100",
                "segment.bytes", "1048576",
                "min.cleanable.dirty.ratio", "0.001",
                "max.compaction.lag.ms", "100",
                "delete.retention.ms", "0")
            .entrySet()
            .stream()
            .map(
                entry ->
                    new AlterConfigOp(
                        new ConfigEntry(entry.getKey(), entry.getValue()),
                        AlterConfigOp.OpType.SET))
            .toList();
    surroundings
        .admin()
        .incrementalAlterConfigs(
            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), eager))
        .all()
        .get();
  }

  private int records(String topic) {
    int records = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                surroundings.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (all.stream()
          .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        records += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
    return records;
  }
}

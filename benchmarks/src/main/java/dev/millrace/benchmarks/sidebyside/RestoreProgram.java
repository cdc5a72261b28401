package dev.millrace.benchmarks.sidebyside;

import com.sun.management.OperatingSystemMXBean;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.FeatureSets;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.UserStateStore;
import dev.millrace.streams.UserStates;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The features stage around the real store and nothing else. It fills the changelog, or reads a
 * full one and tells how long that took.
 */
final class RestoreProgram {

  static final String CHANGELOG = "restore-activity-changelog";

  private static final String STORE = "activity";

  /** Folds each event into the store, and says that it did. */
  private static final class Fold extends ContextualFixedKeyProcessor<String, byte[], byte[]> {

    private static final byte[] DONE = {};

    private final FeatureFold fold;
    private final MessageCodec<CleanEventMessage> codec;

    private Fold(FeatureFold fold, MessageCodec<CleanEventMessage> codec) {
      this.fold = fold;
      this.codec = codec;
    }

    @Override
    public void process(FixedKeyRecord<String, byte[]> record) {
      UserStateStore<UserActivity, FoldedEvent> store = context().getStateStore(STORE);
      @Nullable CleanEventMessage message = codec.decode(record.value()).message();
      CleanEvent event = Messages.clean(Objects.requireNonNull(message));
      store.apply(event.userId(), fold.take(event));
      context().forward(record.withValue(DONE));
    }
  }

  private record Folds(FeatureFold fold, MessageCodec<CleanEventMessage> codec)
      implements FixedKeyProcessorSupplier<String, byte[], byte[]> {

    @Override
    public FixedKeyProcessor<String, byte[], byte[]> get() {
      return new Fold(fold, codec);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(new UserStates<>(STORE, fold));
    }
  }

  /** Notes the time from the first partition's start to the last one's end, and the records. */
  private static final class Watch implements StateRestoreListener {

    private final AtomicLong began = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong records = new AtomicLong();

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
      long now = System.nanoTime();
      began.accumulateAndGet(now, Math::min);
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long number) {}

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long number) {
      records.addAndGet(number);
      ended.accumulateAndGet(System.nanoTime(), Math::max);
    }

    double seconds() {
      return records.get() == 0 ? 0 : (ended.get() - began.get()) / 1e9;
    }
  }

  private RestoreProgram() {}

  /** Arguments: bootstrap servers, the registry's URL, topics to read and to write, a directory. */
  public static void main(String[] args) throws InterruptedException {
    FeatureFold fold = new FeatureFold(FeatureSets.userActivity());
    MessageCodec<CleanEventMessage> codec =
        MessageCodec.registered(new SchemaRegistry(args[1], Duration.ofSeconds(30)), Topics.CLEAN);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(args[2], Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .processValues(new Folds(fold, codec), Named.as("fold"))
        .to(args[3], Produced.with(Serdes.String(), Serdes.ByteArray()));
    Properties settings = StreamsSettings.shipped();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "restore");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
    // Static, as the services': the next instance need not wait until this one's session is over.
    settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "restore");

    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Watch watch = new Watch();
    CountDownLatch running = new CountDownLatch(1);
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setGlobalStateRestoreListener(watch);
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) {
            running.countDown();
          }
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close, "stop"));
    streams.start();
    running.await();
    System.out.println(
        Programs.text(
            Map.of(
                "seconds",
                watch.seconds(),
                "records",
                (double) watch.records.get(),
                "cpu",
                system.getProcessCpuTime() / 1e9)));
    System.out.println(Programs.READY);
  }
}

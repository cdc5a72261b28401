package dev.millrace.benchmarks.sidebyside;

import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/** What Kafka Streams costs by itself: a topology that forwards bytes as they are. */
final class PassThroughProgram {

  /** Forwards what comes. */
  private static final class Forward extends ContextualFixedKeyProcessor<String, byte[], byte[]> {
    @Override
    public void process(FixedKeyRecord<String, byte[]> record) {
      context().forward(record);
    }
  }

  private PassThroughProgram() {}

  /** Arguments: bootstrap servers, the topic to read, the topic to write, a directory. */
  public static void main(String[] args) throws InterruptedException {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(args[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .processValues(Forward::new, Named.as("forward"))
        .to(args[2], Produced.with(Serdes.String(), Serdes.ByteArray()));
    Properties settings = StreamsSettings.shipped();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "pass-through");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
    CountDownLatch running = new CountDownLatch(1);
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) {
            running.countDown();
          }
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close, "stop"));
    streams.start();
    running.await();
    System.out.println(Programs.READY);
  }
}

package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SourceMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class PublisherTest {

  // Asked for Avro only, and lines are none.
  private static final EventReader READER = new EventReader();

  private final MockProducer<byte[], byte[]> kafka = producer(true);

  private static MockProducer<byte[], byte[]> producer(boolean acknowledging) {
    return new MockProducer<>(
        acknowledging, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static SourceMapping source(String name) throws Exception {
    Path file = Homes.ROOT.resolve("schemas/sources/" + name + ".yaml");
    return SourceMapping.compile(file.toString(), Files.readString(file));
  }

  private static Publisher.Published publish(
      Producer<byte[], byte[]> producer, String source, String... lines) throws Exception {
    return new Publisher(producer, READER, source(source))
        .publish(Stream.of(lines).map(line -> line.getBytes(UTF_8)).iterator(), count -> {});
  }

  @Test
  void sendsEachLineUntouchedUnderItsUserAndSaysWhatItIs() throws Exception {
    String line = "15174,\"2020-07-30T23:17:36\",\"login\",\"\",\"\",0,0,0,0,0";

    assertThat(publish(kafka, "clickstream", line)).isEqualTo(new Publisher.Published(1, 0, 0));

    ProducerRecord<byte[], byte[]> sent = kafka.history().get(0);
    assertThat(sent.topic()).isEqualTo("events.inbound");
    assertThat(sent.key()).asString(UTF_8).isEqualTo("15174");
    assertThat(sent.value()).asString(UTF_8).isEqualTo(line);
    assertThat(sent.headers().lastHeader("source").value())
        .asString(UTF_8)
        .isEqualTo("clickstream");
    assertThat(sent.headers().lastHeader("content-type").value())
        .asString(UTF_8)
        .isEqualTo("text/csv");
  }

  @Test
  void keysByTheUserAsTheMappingComputesIt() throws Exception {
    publish(
        kafka,
        "default",
        "{\"user_id\": \" Ann \", \"event_type\": \"login\"}",
        "{\"user_id\": 7, \"event_time\": \"not a time\"}");

    assertThat(keys()).containsExactly("Ann", "7");
    assertThat(kafka.history().get(0).headers().lastHeader("content-type").value())
        .asString(UTF_8)
        .isEqualTo("application/json");
  }

  @Test
  void sendsWhatItCannotReadWithoutAKey() throws Exception {
    assertThat(publish(kafka, "default", "{\"user_id\": \"ann\"", "{}", "{\"user_id\": \" \"}"))
        .isEqualTo(new Publisher.Published(3, 0, 3));

    assertThat(kafka.history()).extracting(ProducerRecord::key).containsOnlyNulls();
  }

  @Test
  void skipsBlankLinesAndCountsThem() throws Exception {
    assertThat(publish(kafka, "default", "", " \t\r", "{\"user_id\": \"ann\"}"))
        .isEqualTo(new Publisher.Published(1, 2, 0));

    assertThat(kafka.history()).hasSize(1);
  }

  @Test
  void aLineThatTheBrokerRefusesIsNotPassedOver() {
    MockProducer<byte[], byte[]> refusing = producer(false);
    Publisher.Published[] published = new Publisher.Published[1];

    assertThatThrownBy(
            () -> {
              Publisher publisher = new Publisher(refusing, READER, source("default"));
              published[0] =
                  publisher.publish(
                      List.of("{}".getBytes(UTF_8), "{}".getBytes(UTF_8)).iterator(),
                      count -> refusing.errorNext(new KafkaException("disk full")));
            })
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("Kafka did not take an event: disk full");
    assertThat(refusing.history()).hasSize(1);
    assertThat(published[0]).isNull();
  }

  private List<String> keys() {
    return kafka.history().stream().map(sent -> new String(sent.key(), UTF_8)).toList();
  }
}

package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.GeneratedEvent;
import dev.millrace.local.generator.GeneratedEvents;
import dev.millrace.local.generator.Plan;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.awaitility.Awaitility;

/**
 * Generated events that are sent to {@code events.inbound} bit by bit, as JSON or as Avro under a
 * schema of this shop's own, and what must become of each.
 */
final class TracedShop implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> NUMBERS = Set.of("quantity", "results");
  private static final Set<String> DECIMALS = Set.of("value", "duration");
  private static final Set<String> TEXTS =
      Set.of(
          "event_id",
          "user_id",
          "event_time",
          "event_type",
          "country",
          "session_id",
          "device_id",
          "ip",
          "channel",
          "email",
          "phone",
          "product_id",
          "product_category",
          "currency",
          "order_id");

  private final Stack stack;
  private final String prefix;
  private final Schema schema;
  private final int schemaId;
  private final Iterator<GeneratedEvent> generated;
  private final Truth truth = new Truth();
  private final Trace trace;
  private final Producer<byte[], byte[]> producer;
  private final List<Expectation> sent = new ArrayList<>();
  private int asAvro;

  /**
   * Registers the schema, which no event has named before.
   *
   * @param prefix of the users' names
   */
  TracedShop(Stack stack, String prefix, long seed, int events) {
    this.stack = stack;
    this.prefix = prefix;
    this.schema = schema(prefix);
    this.schemaId = stack.registry().register(prefix + "clicks", schema);
    this.generated = new GeneratedEvents(Plan.of(seed, prefix, Math.max(1, events / 10), events));
    this.trace = new Trace(stack.bootstrapServers(), stack.registry());
    this.producer = Publisher.producer(stack.bootstrapServers());
  }

  private static Schema schema(String name) {
    SchemaBuilder.FieldAssembler<Schema> fields =
        SchemaBuilder.record("Click").namespace("shop." + name.replaceAll("\\W", "")).fields();
    TEXTS.forEach(fields::optionalString);
    NUMBERS.forEach(fields::optionalLong);
    DECIMALS.forEach(fields::optionalDouble);
    return fields.endRecord();
  }

  /** The next events, as JSON. Returns when the broker has them. */
  void send(int events) {
    send(events, false);
  }

  /** The next events; every other one of those that are as they should be as Avro. */
  void sendHalfAsAvro(int events) {
    int before = asAvro;
    send(events, true);
    assertThat(asAvro - before).isGreaterThan(events / 4);
  }

  private void send(int events, boolean avroToo) {
    Iterator<byte[]> lines = truth.lines(noting());
    for (int i = 0; i < events; i++) {
      byte[] line = lines.next();
      int number = sent.size() - 1;
      Expectation expected = sent.get(number);
      boolean avro = avroToo && number % 2 == 0 && expected.kind() == null;
      var unused =
          producer.send(
              new ProducerRecord<>(
                  Topics.INBOUND.name(),
                  null,
                  expected.user() == null ? null : expected.user().getBytes(UTF_8),
                  avro ? avro(line) : line,
                  List.of(contentType(avro ? ContentType.AVRO : ContentType.JSON))),
              (at, failure) -> {
                if (failure == null) {
                  trace.published(number, at.partition(), at.offset());
                }
              });
    }
    producer.flush();
  }

  private static Header contentType(String type) {
    return new RecordHeader("content-type", type.getBytes(UTF_8));
  }

  private Iterator<GeneratedEvent> noting() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return generated.hasNext();
      }

      @Override
      public GeneratedEvent next() {
        GeneratedEvent event = generated.next();
        sent.add(event.expectation());
        return event;
      }
    };
  }

  private byte[] avro(byte[] line) {
    asAvro++;
    try {
      GenericRecord click = new GenericData.Record(schema);
      for (var member : JSON.readTree(line).properties()) {
        click.put(member.getKey(), value(member.getKey(), member.getValue()));
      }
      return framed(schemaId, click);
    } catch (IOException e) {
      throw new UncheckedIOException("What is as it should be is JSON", e);
    }
  }

  private static Object value(String name, JsonNode value) {
    if (NUMBERS.contains(name)) {
      return value.longValue();
    }
    return DECIMALS.contains(name) ? value.doubleValue() : (Object) value.asText();
  }

  /** In Confluent's framing. */
  static byte[] framed(int schemaId, GenericRecord record) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /** How far they have come that were sent, once all are through or nothing has moved so long. */
  Trace.Outcome standing(Duration still) {
    return trace.await(still, progress -> {});
  }

  /**
   * Waits for what was sent; then each event has the one outcome that it had to have, and each
   * clean one its one score.
   */
  void assertAllAsExpected() {
    assertThat(trace.await(PATIENCE, progress -> {}).isComplete()).isTrue();
    trace.forEach(truth::found);
    Truth.Verdict verdict = truth.verdict();
    assertThat(verdict.differences()).isEmpty();
    assertThat(verdict.asExpected()).isEqualTo(sent.size());
    List<String> clean =
        TopicReader.<CleanEventMessage>messages(stack, Topics.CLEAN).stream()
            .filter(event -> event.getUserId().startsWith(prefix))
            .map(event -> event.getUserId() + " " + event.getEventId())
            .toList();
    assertThat(clean).hasSize(count(Expectation.Outcome.CLEAN));
    Awaitility.await().atMost(PATIENCE).until(() -> scored().size() >= clean.size());
    assertThat(scored()).containsExactlyInAnyOrderElementsOf(clean);
  }

  private int count(Expectation.Outcome outcome) {
    return (int) sent.stream().filter(event -> event.outcome() == outcome).count();
  }

  private List<String> scored() {
    return TopicReader.<ScoreMessage>messages(stack, Topics.SCORES).stream()
        .filter(score -> score.getUserId().startsWith(prefix))
        .map(score -> score.getUserId() + " " + score.getEventId())
        .toList();
  }

  @Override
  public void close() {
    producer.close();
    trace.close();
  }
}

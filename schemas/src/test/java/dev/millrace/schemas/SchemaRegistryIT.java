package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schemas.MessageCodec.Decoded;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import dev.millrace.servers.LocalRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client, codec and payload reader against a real registry and Confluent's genuine classes. */
class SchemaRegistryIT {

  private static LocalRegistry server;
  private static SchemaRegistry registry;
  private static PayloadSchemas payloadSchemas;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = LocalRegistry.start(folder);
    registry = new SchemaRegistry(server.url(), Duration.ofSeconds(30));
    payloadSchemas = new PayloadSchemas(new ArtifactStore(folder.resolve("artifacts")));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static DuplicateEventMessage duplicate(String eventId) {
    Instant time = Instant.parse("2026-01-01T12:00:00.123456Z");
    return new DuplicateEventMessage(
        "ann",
        eventId,
        time,
        time,
        "web",
        new OriginMessage("t", 1, 2L),
        new OriginMessage("t", 1, 1L),
        3L,
        "m",
        "c",
        Map.of("geo/ip", "g"));
  }

  private static Map<String, Object> confluentConfig(boolean specific) {
    return Map.of("schema.registry.url", server.url(), "specific.avro.reader", specific);
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> confluentSerializer() throws ReflectiveOperationException {
    return (Serializer<Object>) confluent("KafkaAvroSerializer");
  }

  @SuppressWarnings("unchecked")
  private static Deserializer<Object> confluentDeserializer() throws ReflectiveOperationException {
    return (Deserializer<Object>) confluent("KafkaAvroDeserializer");
  }

  private static Object confluent(String className) throws ReflectiveOperationException {
    return Class.forName("io.confluent.kafka.serializers." + className)
        .getConstructor()
        .newInstance();
  }

  @Test
  void writesTheSameBytesAsConfluentsSerializerAndEachReadsTheOther() throws Exception {
    MessageCodec<DuplicateEventMessage> codec =
        MessageCodec.registered(registry, Topics.DUPLICATES);
    DuplicateEventMessage message = duplicate("e-1");
    try (Serializer<Object> serializer = confluentSerializer();
        Deserializer<Object> deserializer = confluentDeserializer()) {
      serializer.configure(confluentConfig(true), false);
      deserializer.configure(confluentConfig(true), false);

      byte[] theirs = serializer.serialize("events.duplicates", message);

      assertThat(codec.encode(message)).isEqualTo(theirs);
      assertThat(codec.decode(theirs)).isEqualTo(new Decoded<>(message, null));
      assertThat(deserializer.deserialize("events.duplicates", codec.encode(message)))
          .isEqualTo(message);
    }
  }

  @Test
  void aForeignClientReadsOurMessagesWithoutOurClasses() throws Exception {
    MessageCodec<DuplicateEventMessage> codec =
        MessageCodec.registered(registry, Topics.DUPLICATES);
    try (Deserializer<Object> deserializer = confluentDeserializer()) {
      deserializer.configure(confluentConfig(false), false);

      GenericRecord read =
          (GenericRecord)
              deserializer.deserialize("events.duplicates", codec.encode(duplicate("e-2")));

      assertThat(read.get("event_id")).hasToString("e-2");
    }
  }

  @Test
  void readsWhatAnEarlierCompatibleSchemaWrote() {
    Schema before =
        SchemaBuilder.record("CleanEventMessage")
            .namespace("dev.millrace.schema")
            .fields()
            .requiredString("user_id")
            .requiredString("event_id")
            .endRecord();
    int id = registry.register("earlier-value", before);
    MessageCodec<CleanEventMessage> codec = MessageCodec.registered(registry, Topics.CLEAN);
    byte[] foreign = {0, 0, 0, 0, (byte) id, 2, 'a', 2, 'b'};

    // Required fields are missing, so it is no clean event: told, not thrown.
    assertThat(codec.decode(foreign).violation())
        .extracting(Violation::rule)
        .isEqualTo(Reason.AVRO_MALFORMED);
  }

  @Test
  void aRecordIsReadByTheSchemaThatWroteItWithoutItsClass() {
    FramedRecords records = new FramedRecords(registry);
    byte[] message =
        MessageCodec.<DuplicateEventMessage>registered(registry, Topics.DUPLICATES)
            .encode(duplicate("e-3"));
    int text = registry.register("text-value", Schema.create(Schema.Type.STRING));
    byte[] noRecord = ByteBuffer.allocate(6).put((byte) 0).putInt(text).put((byte) 0).array();

    assertThat(records.decode(message).record().get("event_id")).hasToString("e-3");
    assertThat(records.decode(noRecord).violation().message()).isEqualTo("is Avro, but no record");
    assertThat(records.decode(new byte[] {1}).violation().rule()).isEqualTo(Reason.AVRO_MALFORMED);
  }

  @Test
  void registeringTwiceGivesTheSameIdAndAnIncompatibleSchemaIsRefused() {
    Schema one = SchemaBuilder.record("R").fields().requiredInt("a").endRecord();
    Schema incompatible = SchemaBuilder.record("R").fields().requiredString("b").endRecord();
    registry.requireFullCompatibility("compatible-value");

    int id = registry.register("compatible-value", one);

    assertThat(registry.register("compatible-value", one)).isEqualTo(id);
    assertThatThrownBy(() -> registry.register("compatible-value", incompatible))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("409");
  }

  @Test
  void bytesThatAreNoMessageAreOutcomes() {
    MessageCodec<DuplicateEventMessage> codec =
        MessageCodec.registered(registry, Topics.DUPLICATES);
    byte[] good = codec.encode(duplicate("e-3"));

    assertThat(rule(codec, new byte[0])).isEqualTo(Reason.AVRO_MALFORMED);
    assertThat(rule(codec, "{\"json\": true}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEqualTo(Reason.AVRO_MALFORMED);
    assertThat(rule(codec, Arrays.copyOf(good, good.length - 1))).isEqualTo(Reason.AVRO_MALFORMED);
    assertThat(rule(codec, Arrays.copyOf(good, good.length + 1))).isEqualTo(Reason.AVRO_MALFORMED);
    byte[] unknown = ByteBuffer.wrap(good.clone()).putInt(1, 987_654).array();
    assertThat(rule(codec, unknown)).isEqualTo(Reason.AVRO_UNKNOWN_SCHEMA);
  }

  @Test
  void noBytesWhateverEverThrow() {
    MessageCodec<DuplicateEventMessage> codec =
        MessageCodec.registered(registry, Topics.DUPLICATES);
    byte[] good = codec.encode(duplicate("e-4"));
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
      }
      Decoded<DuplicateEventMessage> decoded = codec.decode(bytes);
      assertThat(decoded.message() == null).isEqualTo(decoded.violation() != null);
    }
  }

  private static Reason rule(MessageCodec<DuplicateEventMessage> codec, byte[] bytes) {
    return codec.decode(bytes).violation().rule();
  }

  @Test
  void readsAProducersOwnAvroRecordByItsMapping() throws Exception {
    Schema decimal = LogicalTypes.decimal(9, 2).addToSchema(Schema.create(Schema.Type.BYTES));
    Schema millis = LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
    Schema day = LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
    Schema click =
        SchemaBuilder.record("Click")
            .fields()
            .requiredString("user_id")
            .name("event_time")
            .type(millis)
            .noDefault()
            .name("event_type")
            .type()
            .enumeration("Kind")
            .symbols("VIEW", "BUY")
            .noDefault()
            .name("value")
            .type(decimal)
            .noDefault()
            .name("day")
            .type(day)
            .noDefault()
            .optionalDouble("ratio")
            .name("nested")
            .type()
            .record("Nested")
            .fields()
            .requiredInt("x")
            .endRecord()
            .noDefault()
            .name("list")
            .type()
            .array()
            .items()
            .intType()
            .noDefault()
            .name("labels")
            .type()
            .map()
            .values()
            .stringType()
            .noDefault()
            .name("hash")
            .type()
            .fixed("Hash")
            .size(2)
            .noDefault()
            .requiredBoolean("vip")
            .endRecord();
    GenericRecord record =
        new GenericRecordBuilder(click)
            .set("user_id", "ann")
            .set("event_time", Instant.parse("2026-01-01T12:00:00Z").toEpochMilli())
            .set(
                "event_type",
                new GenericData.EnumSymbol(click.getField("event_type").schema(), "BUY"))
            .set(
                "value",
                new Conversions.DecimalConversion()
                    .toBytes(new BigDecimal("35.91"), decimal, decimal.getLogicalType()))
            .set("day", 20_454)
            .set("ratio", 0.1)
            .set(
                "nested",
                new GenericRecordBuilder(click.getField("nested").schema()).set("x", 1).build())
            .set("list", java.util.List.of(1, 2))
            .set("labels", Map.of("b", "2", "a", "1"))
            .set("hash", new GenericData.Fixed(click.getField("hash").schema(), new byte[] {1, 2}))
            .set("vip", true)
            .build();
    try (Serializer<Object> serializer = confluentSerializer()) {
      serializer.configure(confluentConfig(false), false);
      byte[] payload = serializer.serialize("events.inbound", record);

      Reading reading = read(payload);

      assertThat(reading.violations()).isEmpty();
      assertThat(reading.content().text(EventField.EVENT_TYPE)).isEqualTo("BUY");
      assertThat(reading.content().time(EventField.EVENT_TIME))
          .isEqualTo(Instant.parse("2026-01-01T12:00:00Z"));
      assertThat(reading.content().number(EventField.VALUE_MICROS)).isEqualTo(35_910_000L);
      assertThat(reading.content().attributes())
          .containsEntry("ratio", 0.1)
          .containsEntry("day", "2026-01-01")
          .containsEntry("nested", "{\"x\":1}")
          .containsEntry("list", "[1,2]")
          .containsEntry("labels", "{\"a\":\"1\",\"b\":\"2\"}")
          .containsEntry("hash", "\"AQI=\"")
          .containsEntry("vip", true);

      byte[] cut = Arrays.copyOf(payload, payload.length - 3);
      assertThat(read(cut).violations())
          .extracting(Violation::rule)
          .containsExactly(Reason.AVRO_MALFORMED);
    }
  }

  /** As ingest reads it: stamped, then read by the stamp. */
  private static Reading read(byte[] payload) throws IOException {
    String stamp = payloadSchemas.stamp(payload, ContentType.AVRO, registry);
    assertThat(stamp).isNotNull();
    return new EventReader().read(payload, ContentType.AVRO, mapping(), payloadSchemas.find(stamp));
  }

  private static SourceMapping mapping() throws IOException {
    return SourceMapping.compile(
        "default", java.nio.file.Files.readString(Path.of("sources", "default.yaml")));
  }

  @Test
  void aSmallPayloadThatWouldUnfoldToMillionsOfItemsIsRefusedBeforeItFillsTheMemory()
      throws Exception {
    Schema nulls = Schema.createArray(Schema.create(Schema.Type.NULL));
    Schema bomb =
        SchemaBuilder.record("Bomb")
            .fields()
            .name("list")
            .type(Schema.createArray(nulls))
            .noDefault()
            .endRecord();
    int id = registry.register("bomb-value", bomb);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeLong(1_000);
    for (int i = 0; i < 1_000; i++) {
      encoder.writeLong(900_000);
      encoder.writeLong(0);
    }
    encoder.writeLong(0);
    encoder.flush();

    assertThat(read(bytes.toByteArray()).violations())
        .extracting(Violation::rule)
        .containsExactly(Reason.AVRO_MALFORMED);
  }

  @Test
  void aSchemaThatNestsInItselfIsRefusedHoweverDeepThePayloadGoes() throws Exception {
    Schema recursive =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "Node", "fields": [
                  {"name": "next", "type": ["null", "Node"]}]}
                """);
    int id = registry.register("recursive-value", recursive);
    byte[] shallow = ByteBuffer.allocate(6).put((byte) 0).putInt(id).put((byte) 0).array();

    assertThat(read(shallow).violations())
        .extracting(Violation::rule)
        .containsExactly(Reason.AVRO_MALFORMED);
    assertThat(new FramedRecords(registry).decode(shallow).violation().rule())
        .isEqualTo(Reason.AVRO_MALFORMED);
  }

  @Test
  void aSchemaThatUnfoldsFromNothingToMillionsOfRecordsIsRefused() throws Exception {
    StringBuilder fields = new StringBuilder("\"null\"");
    for (int level = 0; level < 30; level++) {
      fields =
          new StringBuilder(
              "{\"type\": \"record\", \"name\": \"L%d\", \"fields\": [{\"name\": \"a\", \"type\": %s}, {\"name\": \"b\", \"type\": %s}]}"
                  .formatted(level, fields, level == 0 ? "\"null\"" : "\"L" + (level - 1) + "\""));
    }
    int id = registry.register("wide-value", new Schema.Parser().parse(fields.toString()));
    byte[] nothing = ByteBuffer.allocate(5).put((byte) 0).putInt(id).array();

    assertThat(read(nothing).violations())
        .extracting(Violation::rule)
        .containsExactly(Reason.AVRO_MALFORMED);
  }

  @Test
  void originsKeepTheirPlace() {
    Origin origin = new Origin("t", 1, 2);
    assertThat(Messages.origin(Messages.origin(origin))).isEqualTo(origin);
  }
}

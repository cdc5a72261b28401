package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.Topics;
import dev.millrace.schemas.table.Entries;
import dev.millrace.schemas.table.RecordColumns;
import dev.millrace.schemas.table.UnfitRecordException;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowShapeTest {

  @Test
  void everyTopicOfOursHasATable() throws UnfitRecordException {
    for (Topics.Topic topic : Topics.ALL) {
      if (topic.schema() != null) {
        assertThat(new RowShape(topic.schema(), "received_at", "received_date").columns().length())
            .isEqualTo(6 + topic.schema().getFields().size());
      }
    }
  }

  @Test
  void aRowBeginsWithWhereItCameFromAndTheDayItCountsFor() throws UnfitRecordException {
    RowShape shape = TestRecords.shape(TestRecords.EVENT);

    assertThat(shape.columns())
        .isEqualTo(
            new StructType()
                .add("kafka_topic_id", StringType.STRING, false)
                .add("kafka_partition", IntegerType.INTEGER, false)
                .add("kafka_offset", LongType.LONG, false)
                .add("kafka_timestamp", TimestampType.TIMESTAMP, true)
                .add("kafka_key", StringType.STRING, true)
                .add("event_date", DateType.DATE, true)
                .add("id", StringType.STRING, false)
                .add("at", TimestampType.TIMESTAMP, false));
    assertThat(TestRecords.row(shape, 7, TestRecords.event("e", -1)).values())
        .containsExactly("Tx_first", 0, 7L, 1_767_225_600_000_000L, "key-7", -1, "e", -1L);
  }

  @Test
  void aRecordWithoutItsTimeCountsForTheDayOfItsOwn() throws UnfitRecordException {
    Schema schema =
        TestRecords.schema("Timeless")
            .name("at")
            .type(Schema.createUnion(Schema.create(Schema.Type.NULL), TestRecords.time()))
            .withDefault(null)
            .endRecord();
    GenericRecord record = new GenericRecordBuilder(schema).build();

    assertThat(TestRecords.row(TestRecords.shape(schema), 0, record).values()[RowShape.DATE])
        .isEqualTo((int) LocalDate.of(2026, 1, 1).toEpochDay());
  }

  @Test
  void aRecordOfNoTimeAtAllCountsForNoDay() throws UnfitRecordException {
    Schema schema = TestRecords.schema("Timeless").requiredString("id").endRecord();
    GenericRecord record = new GenericRecordBuilder(schema).set("id", "e").build();
    SinkRecord timeless = new SinkRecord(TestRecords.TOPIC, 0, null, null, null, new byte[0], 3);

    Object[] row = TestRecords.shape(schema).row("id", timeless, record);

    assertThat(row).containsExactly("id", 0, 3L, null, null, null, "e");
  }

  @Test
  void onlyWhatEveryVersionMustHaveIsRequired() throws UnfitRecordException {
    Schema schema =
        TestRecords.schema("Mixed")
            .requiredLong("must")
            .optionalLong("may")
            .name("has_default")
            .type()
            .longType()
            .longDefault(7)
            .endRecord();

    StructType columns = TestRecords.shape(schema).columns();

    assertThat(columns.get("must").isNullable()).isFalse();
    assertThat(columns.get("may").isNullable()).isTrue();
    assertThat(columns.get("has_default").isNullable()).isTrue();
  }

  @Test
  void aPayloadKeepsItsBytesAndItsBufferKeepsItsPlace() throws UnfitRecordException {
    Schema schema = TestRecords.schema("Raw").requiredBytes("payload").endRecord();
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {9, 0, -1, 7}, 1, 2).slice();
    GenericRecord record = new GenericRecordBuilder(schema).set("payload", payload).build();

    Row row = TestRecords.row(TestRecords.shape(schema), 0, record);

    assertThat(row.values()[6]).isEqualTo(new byte[] {0, -1});
    assertThat(payload.remaining()).isEqualTo(2);
    assertThat(row.shape().columns().get("payload").getDataType()).isEqualTo(BinaryType.BINARY);
  }

  @Test
  void aValueOfSeveralTypesIsAStructWithOneFieldSet() throws UnfitRecordException {
    Schema value =
        SchemaBuilder.unionOf()
            .nullType()
            .and()
            .booleanType()
            .and()
            .longType()
            .and()
            .doubleType()
            .and()
            .stringType()
            .endUnion();
    Schema schema =
        TestRecords.schema("Vector")
            .name("values")
            .type(Schema.createArray(value))
            .noDefault()
            .endRecord();
    GenericRecord record =
        new GenericRecordBuilder(schema)
            .set("values", Arrays.asList(null, true, 4L, 0.5, "text"))
            .build();

    Object[] values = (Object[]) TestRecords.row(TestRecords.shape(schema), 0, record).values()[6];

    assertThat(values[0]).isNull();
    assertThat((Object[]) values[1]).containsExactly(true, null, null, null);
    assertThat((Object[]) values[2]).containsExactly(null, 4L, null, null);
    assertThat((Object[]) values[3]).containsExactly(null, null, 0.5, null);
    assertThat((Object[]) values[4]).containsExactly(null, null, null, "text");
  }

  @Test
  void recordsMapsFixedAndEnumsHaveTheirColumns() throws UnfitRecordException {
    Schema origin = TestRecords.schema("Origin").requiredLong("offset").endRecord();
    Schema kind = SchemaBuilder.enumeration("Kind").symbols("A", "B");
    Schema hash = SchemaBuilder.fixed("Hash").size(2);
    Schema schema =
        TestRecords.schema("Nested")
            .name("origin")
            .type(origin)
            .noDefault()
            .name("lookups")
            .type()
            .map()
            .values()
            .intType()
            .noDefault()
            .name("kind")
            .type(kind)
            .noDefault()
            .name("hash")
            .type(hash)
            .noDefault()
            .endRecord();
    GenericRecord record =
        new GenericRecordBuilder(schema)
            .set("origin", new GenericRecordBuilder(origin).set("offset", 3L).build())
            .set("lookups", Map.of("geo", 1))
            .set("kind", new GenericData.EnumSymbol(kind, "B"))
            .set("hash", new GenericData.Fixed(hash, new byte[] {1, 2}))
            .build();

    Object[] values = TestRecords.row(TestRecords.shape(schema), 0, record).values();

    assertThat((Object[]) values[6]).containsExactly(3L);
    assertThat(((Entries) values[7]).keys()).containsExactly("geo");
    assertThat(((Entries) values[7]).values()).containsExactly(1);
    assertThat(values[8]).isEqualTo("B");
    assertThat(values[9]).isEqualTo(new byte[] {1, 2});
  }

  @ParameterizedTest
  @ValueSource(longs = {-62_135_596_800_000_001L, 253_402_300_800_000_000L, Long.MAX_VALUE})
  void aTimeThatNoReaderUnderstandsIsRefused(long micros) throws UnfitRecordException {
    RowShape shape = TestRecords.shape(TestRecords.EVENT);

    assertThatThrownBy(() -> TestRecords.row(shape, 0, TestRecords.event("e", micros)))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("outside the years 1 to 9999");
  }

  @Test
  void millisecondsBecomeMicroseconds() throws UnfitRecordException {
    Schema millis =
        org.apache.avro.LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
    Schema schema = TestRecords.schema("Millis").name("at").type(millis).noDefault().endRecord();
    RecordColumns columns = new RecordColumns(schema, List.of());
    GenericRecordBuilder record = new GenericRecordBuilder(schema);

    assertThat(columns.values(record.set("at", -5L).build())).containsExactly(-5_000L);
    assertThatThrownBy(() -> columns.values(record.set("at", Long.MAX_VALUE / 10).build()))
        .isInstanceOf(UnfitRecordException.class);
  }

  @Test
  void aRecordInsideItselfIsRefused() {
    Schema node =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "Node", "fields": [
                  {"name": "next", "type": ["null", "Node"]}]}
                """);

    assertThatThrownBy(() -> TestRecords.shape(node))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("Node inside itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Kafka_Offset", "event_date", "ID"})
  void aFieldThatIsCalledAsAnotherColumnIsRefused(String name) {
    Schema schema = TestRecords.schema("Twin").requiredString("id").requiredLong(name).endRecord();

    assertThatThrownBy(() -> TestRecords.shape(schema))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("differ in more than case");
  }

  @Test
  void aFieldThatCanOnlyBeNullIsRefused() {
    Schema schema =
        TestRecords.schema("Void").name("nothing").type().nullType().noDefault().endRecord();

    assertThatThrownBy(() -> TestRecords.shape(schema))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("only be null");
  }

  @Test
  void aBiggerRowWeighsMore() throws UnfitRecordException {
    RowShape shape = TestRecords.shape(TestRecords.EVENT);
    long small = TestRecords.row(shape, 0, TestRecords.event("e", 0)).heapBytes();
    long large = TestRecords.row(shape, 0, TestRecords.event("e".repeat(1000), 0)).heapBytes();

    assertThat(large - small).isBetween(999L, 3000L);
    assertThat(List.of(small)).allMatch(bytes -> bytes > 400);
  }
}

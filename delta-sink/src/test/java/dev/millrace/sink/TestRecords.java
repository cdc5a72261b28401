package dev.millrace.sink;

import dev.millrace.schemas.table.UnfitRecordException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;

/** Small events, and rows of them without Kafka. */
final class TestRecords {

  static final String TOPIC = "test.events";
  static final String TOPIC_ID = "Tx_first";
  static final long DAY = 86_400_000_000L;

  static final Schema EVENT =
      schema("EventMessage").requiredString("id").name("at").type(time()).noDefault().endRecord();

  private TestRecords() {}

  static SchemaBuilder.FieldAssembler<Schema> schema(String name) {
    return SchemaBuilder.record(name).namespace("dev.millrace.test").fields();
  }

  static Schema time() {
    return org.apache.avro.LogicalTypes.timestampMicros()
        .addToSchema(Schema.create(Schema.Type.LONG));
  }

  static GenericRecord event(String id, long at) {
    return new GenericRecordBuilder(EVENT).set("id", id).set("at", at).build();
  }

  static SinkRecord place(int partition, long offset) {
    return new SinkRecord(
        TOPIC,
        partition,
        null,
        ("key-" + offset).getBytes(StandardCharsets.UTF_8),
        null,
        new byte[0],
        offset,
        1_767_225_600_000L, // 2026-01-01
        TimestampType.CREATE_TIME);
  }

  static RowShape shape(Schema schema) throws UnfitRecordException {
    return new RowShape(schema, "at", "event_date");
  }

  static Row row(RowShape shape, long offset, GenericRecord record) throws UnfitRecordException {
    SinkRecord place = place(0, offset);
    return new Row(place, shape, shape.row(TOPIC_ID, place, record));
  }

  /**
   * Events with the offsets as ids, {@code from} to {@code last} inclusive, each on its own day.
   */
  static List<Row> rows(long from, long last) throws UnfitRecordException {
    RowShape shape = shape(EVENT);
    List<Row> rows = new ArrayList<>();
    for (long offset = from; offset <= last; offset++) {
      rows.add(row(shape, offset, event("e-" + offset, offset * DAY)));
    }
    return rows;
  }
}

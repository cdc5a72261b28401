package dev.millrace.sink;

import dev.millrace.core.Violation;
import dev.millrace.schemas.FramedRecords;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.table.UnfitRecordException;
import java.util.IdentityHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Records to rows; their columns are found once for each schema. */
final class RecordReader {

  private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

  /** The registry gives out one and the same schema for an id. */
  private final Map<Schema, RowShape> shapes = new IdentityHashMap<>();

  private final FramedRecords records;
  private final String dateField;
  private final String dateColumn;

  RecordReader(SchemaRegistry registry, String dateField, String dateColumn) {
    this.records = new FramedRecords(registry);
    this.dateField = dateField;
    this.dateColumn = dateColumn;
  }

  /**
   * @throws UnfitRecordException if no row can be made of it
   * @throws SchemaRegistry.RegistryException if the registry is away
   * @throws ConnectException if the connector does not hand over bytes
   */
  Row read(String topicId, SinkRecord record) throws UnfitRecordException {
    requireBytes("key.converter", record.key());
    requireBytes("value.converter", record.value());
    if (!(record.value() instanceof byte[] bytes)) {
      throw new UnfitRecordException("has no value");
    }
    FramedRecords.Decoded decoded = records.decode(bytes);
    if (decoded.record() == null) {
      Violation violation = decoded.violation();
      throw new UnfitRecordException(violation == null ? "is empty" : violation.message());
    }
    RowShape shape = shape(decoded.record().getSchema());
    return new Row(record, shape, shape.row(topicId, record, decoded.record()));
  }

  private static void requireBytes(String converter, Object value) {
    if (value != null && !(value instanceof byte[])) {
      throw new ConnectException(
          "delta-sink reads bytes, not %s; set %s=%s"
              .formatted(value.getClass().getName(), converter, BYTES));
    }
  }

  private RowShape shape(Schema schema) throws UnfitRecordException {
    RowShape shape = shapes.get(schema);
    if (shape == null) {
      shape = new RowShape(schema, dateField, dateColumn);
      shapes.put(schema, shape);
    }
    return shape;
  }
}

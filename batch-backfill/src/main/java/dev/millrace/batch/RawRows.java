package dev.millrace.batch;

import dev.millrace.core.Origin;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.table.OriginColumns;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Rows of Bronze as the records that they were. */
final class RawRows {

  /**
   * The events that are folded together: one key's in one partition, as a stream task has them.
   *
   * @param key empty for records without one
   */
  record Log(int partition, String key) {
    static final Log NONE = new Log(-1, "");
  }

  private int @Nullable [] places;

  Log log(Row row) {
    String key = key(row);
    return new Log(row.getInt(row.fieldIndex(OriginColumns.PARTITION)), key == null ? "" : key);
  }

  @Nullable String key(Row row) {
    return row.getString(row.fieldIndex(OriginColumns.KEY));
  }

  Origin origin(Row row) {
    return new Origin(
        row.getString(row.fieldIndex(OriginColumns.TOPIC_ID)),
        row.getInt(row.fieldIndex(OriginColumns.PARTITION)),
        row.getLong(row.fieldIndex(OriginColumns.OFFSET)));
  }

  /** A column that the table does not have yet is null, as the sink would have it. */
  RawEventMessage message(Row row) {
    List<Schema.Field> fields = RawEventMessage.getClassSchema().getFields();
    int[] known = places(row, fields);
    RawEventMessage message = new RawEventMessage();
    for (int i = 0; i < known.length; i++) {
      if (known[i] >= 0) {
        message.put(i, value(row, known[i]));
      }
    }
    return message;
  }

  private int[] places(Row row, List<Schema.Field> fields) {
    if (places == null) {
      List<String> columns = List.of(row.schema().fieldNames());
      places = fields.stream().mapToInt(field -> columns.indexOf(field.name())).toArray();
    }
    return places;
  }

  private static @Nullable Object value(Row row, int place) {
    Object value = row.get(place);
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    if (value instanceof Row origin) {
      return new OriginMessage(origin.getString(0), origin.getInt(1), origin.getLong(2));
    }
    return value;
  }
}

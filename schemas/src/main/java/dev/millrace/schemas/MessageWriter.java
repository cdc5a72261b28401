package dev.millrace.schemas;

import dev.millrace.core.Micros;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.AvroTypeException;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.Encoder;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of one schema to the byte as Avro's own writer does. What that finds out for
 * each value anew (conversions, the branch of a union by its name) follows from the schema and is
 * found once, which takes half the time. It knows the types that our messages have.
 *
 * @param <T> the message
 */
final class MessageWriter<T extends SpecificRecord> {

  /** Writes values of one schema. */
  private interface ValueWriter {
    void write(@Nullable Object value, Encoder to) throws IOException;
  }

  /**
   * A type that a value may have.
   *
   * @param holds the class of its values; null for the value null
   */
  private record Branch(@Nullable Class<?> holds, ValueWriter writer) {

    boolean isFor(@Nullable Object value) {
      return holds == null ? value == null : holds.isInstance(value);
    }
  }

  private final ValueWriter writer;

  /**
   * @throws IllegalArgumentException for a type that no message of ours has
   */
  MessageWriter(Schema schema) {
    this.writer = of(schema).writer();
  }

  void write(T message, Encoder to) throws IOException {
    writer.write(message, to);
  }

  private static Branch of(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> new Branch(SpecificRecord.class, record(schema));
      case UNION -> new Branch(Object.class, union(schema));
      case ARRAY -> new Branch(List.class, array(of(schema.getElementType()).writer()));
      case MAP -> new Branch(Map.class, map(of(schema.getValueType()).writer()));
      case STRING ->
          new Branch(String.class, (value, to) -> to.writeString((String) present(value)));
      case BYTES ->
          new Branch(ByteBuffer.class, (value, to) -> to.writeBytes((ByteBuffer) present(value)));
      case INT, LONG -> integer(schema);
      case DOUBLE ->
          new Branch(Double.class, (value, to) -> to.writeDouble((Double) present(value)));
      case BOOLEAN ->
          new Branch(Boolean.class, (value, to) -> to.writeBoolean((Boolean) present(value)));
      case NULL -> new Branch(null, (value, to) -> to.writeNull());
      default -> throw new IllegalArgumentException("No message of ours has " + schema.getType());
    };
  }

  private static Object present(@Nullable Object value) {
    return Objects.requireNonNull(value, "A field that must have a value has none");
  }

  private static Branch integer(Schema schema) {
    LogicalType meaning = schema.getLogicalType();
    if (meaning instanceof LogicalTypes.TimestampMicros) {
      return new Branch(
          Instant.class, (value, to) -> to.writeLong(Micros.of((Instant) present(value))));
    }
    if (meaning instanceof LogicalTypes.Date) {
      return new Branch(
          LocalDate.class,
          (value, to) -> to.writeInt((int) ((LocalDate) present(value)).toEpochDay()));
    }
    if (meaning != null) {
      throw new IllegalArgumentException("No message of ours has " + meaning.getName());
    }
    return schema.getType() == Schema.Type.INT
        ? new Branch(Integer.class, (value, to) -> to.writeInt((Integer) present(value)))
        : new Branch(Long.class, (value, to) -> to.writeLong((Long) present(value)));
  }

  private static ValueWriter record(Schema schema) {
    ValueWriter[] fields =
        schema.getFields().stream()
            .map(field -> of(field.schema()).writer())
            .toArray(ValueWriter[]::new);
    return (value, to) -> {
      SpecificRecord record = (SpecificRecord) present(value);
      for (int i = 0; i < fields.length; i++) {
        fields[i].write(record.get(i), to);
      }
    };
  }

  private static ValueWriter union(Schema schema) {
    Branch[] branches = schema.getTypes().stream().map(MessageWriter::of).toArray(Branch[]::new);
    return (value, to) -> {
      for (int i = 0; i < branches.length; i++) {
        if (branches[i].isFor(value)) {
          to.writeIndex(i);
          branches[i].writer().write(value, to);
          return;
        }
      }
      throw new AvroTypeException("A field can't hold a " + present(value).getClass().getName());
    };
  }

  private static ValueWriter array(ValueWriter item) {
    return (value, to) -> {
      List<?> items = (List<?>) present(value);
      to.writeArrayStart();
      to.setItemCount(items.size());
      for (Object one : items) {
        to.startItem();
        item.write(one, to);
      }
      to.writeArrayEnd();
    };
  }

  private static ValueWriter map(ValueWriter item) {
    return (value, to) -> {
      Map<?, ?> entries = (Map<?, ?>) present(value);
      to.writeMapStart();
      to.setItemCount(entries.size());
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        to.startItem();
        to.writeString((String) entry.getKey());
        item.write(entry.getValue(), to);
      }
      to.writeMapEnd();
    };
  }
}

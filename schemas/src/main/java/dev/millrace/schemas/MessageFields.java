package dev.millrace.schemas;

import dev.millrace.schemas.MessageCodec.Decoded;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;

/**
 * Reads a few fields of one topic's messages. The others are skipped and never made, so what they
 * hold is not looked at either. Safe for several threads.
 */
public final class MessageFields {

  private final SchemaRegistry registry;
  private final Schema wanted;
  private final Map<Schema, DatumReader<GenericRecord>> readers = new ConcurrentHashMap<>();

  MessageFields(SchemaRegistry registry, Schema message, List<String> names) {
    this.registry = registry;
    this.wanted =
        Schema.createRecord(
            message.getName(),
            null,
            message.getNamespace(),
            false,
            names.stream().map(name -> field(message, name)).toList());
  }

  private static Schema.Field field(Schema message, String name) {
    Schema.Field field =
        Objects.requireNonNull(
            message.getField(name), () -> message.getName() + " has no field " + name);
    return new Schema.Field(field, field.schema());
  }

  /**
   * Reads what any compatible schema wrote.
   *
   * @throws SchemaRegistry.RegistryException if the registry is away
   */
  public Decoded<GenericRecord> decode(byte[] bytes) {
    Framed.Unframed<GenericRecord> unframed = Framed.read(bytes, registry, this::reader);
    return new Decoded<>(unframed.value(), unframed.violation());
  }

  private DatumReader<GenericRecord> reader(Schema written) {
    return readers.computeIfAbsent(written, w -> new GenericDatumReader<>(w, wanted));
  }
}

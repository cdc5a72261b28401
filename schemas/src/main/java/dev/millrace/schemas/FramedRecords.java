package dev.millrace.schemas;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.jspecify.annotations.Nullable;

/**
 * Framed Avro records of any schema that is bounded, read by the schema that wrote them. Safe for
 * several threads.
 */
public final class FramedRecords {

  /**
   * What the bytes hold: a record, or why it is none.
   *
   * @param record with logical types as they are written; null if and only if there is a violation
   */
  public record Decoded(@Nullable GenericRecord record, @Nullable Violation violation) {}

  private static final int LEVELS = 64;

  private final SchemaRegistry registry;
  private final Map<Schema, DatumReader<Object>> readers = new ConcurrentHashMap<>();

  public FramedRecords(SchemaRegistry registry) {
    this.registry = registry;
  }

  /**
   * @throws SchemaRegistry.RegistryException if the registry is away
   */
  public Decoded decode(byte[] bytes) {
    Framed.Unframed<Object> unframed = Framed.read(bytes, registry, this::reader);
    if (unframed.violation() != null) {
      return new Decoded(null, unframed.violation());
    }
    return unframed.value() instanceof GenericRecord record
        ? new Decoded(record, null)
        : new Decoded(null, new Violation(Reason.AVRO_MALFORMED, null, "is Avro, but no record"));
  }

  private DatumReader<Object> reader(Schema writer) {
    return readers.computeIfAbsent(
        writer,
        schema -> {
          AvroTree.requireBounded(schema, LEVELS);
          return new GenericDatumReader<>(schema);
        });
  }
}

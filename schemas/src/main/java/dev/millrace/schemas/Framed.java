package dev.millrace.schemas;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/** Confluent's wire format: a zero byte, the schema id in four bytes, Avro binary. */
final class Framed {

  static {
    AvroSafety.apply();
  }

  static final byte MAGIC = 0;
  static final int HEADER_BYTES = 1 + Integer.BYTES;

  /** How to read what a schema wrote. */
  interface ReaderOf<T> {
    DatumReader<T> reading(Schema writer);
  }

  /**
   * What the bytes hold, or why nothing could be read.
   *
   * @param value null if and only if there is a violation
   */
  record Unframed<T>(@Nullable T value, @Nullable Violation violation) {

    static <T> Unframed<T> refused(Reason rule, String message) {
      return new Unframed<>(null, new Violation(rule, null, message));
    }
  }

  private Framed() {}

  /** The id of the schema that the bytes name; empty if they are not framed. */
  static OptionalInt schemaId(byte[] bytes) {
    return bytes.length < HEADER_BYTES || bytes[0] != MAGIC
        ? OptionalInt.empty()
        : OptionalInt.of(ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt());
  }

  /**
   * @throws SchemaRegistry.RegistryException if the registry is away
   */
  static <T> Unframed<T> read(byte[] bytes, SchemaRegistry registry, ReaderOf<T> readers) {
    OptionalInt id = schemaId(bytes);
    return read(bytes, id.isEmpty() ? null : registry.find(id.getAsInt()).orElse(null), readers);
  }

  /**
   * @param writer the schema that the bytes name; null if there is none
   */
  static <T> Unframed<T> read(byte[] bytes, @Nullable Schema writer, ReaderOf<T> readers) {
    OptionalInt id = schemaId(bytes);
    if (id.isEmpty()) {
      return Unframed.refused(
          Reason.AVRO_MALFORMED, "does not begin with a zero byte and a schema id");
    }
    if (writer == null) {
      return Unframed.refused(
          Reason.AVRO_UNKNOWN_SCHEMA,
          "names schema " + id.getAsInt() + ", which the registry did not know as Avro");
    }
    try {
      BinaryDecoder decoder =
          DecoderFactory.get()
              .binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
      T value = readers.reading(writer).read(null, decoder);
      if (!decoder.isEnd()) {
        return Unframed.refused(Reason.AVRO_MALFORMED, "has bytes after its end");
      }
      return new Unframed<>(value, null);
    } catch (IOException
        | AvroRuntimeException
        | IndexOutOfBoundsException
        | UnsupportedOperationException
        | ClassCastException e) {
      // The decoder's own ways of saying that the bytes are not what the schema describes.
      return Unframed.refused(Reason.AVRO_MALFORMED, "does not match schema " + id.getAsInt());
    }
  }
}

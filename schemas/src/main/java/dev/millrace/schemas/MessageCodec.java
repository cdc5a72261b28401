package dev.millrace.schemas;

import dev.millrace.core.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * One topic's messages to and from bytes. Safe for several threads.
 *
 * @param <T> the message
 */
public final class MessageCodec<T extends SpecificRecord> {

  /**
   * What a record's value holds: a message, or why it is none.
   *
   * @param message null if and only if there is a violation
   */
  public record Decoded<T>(@Nullable T message, @Nullable Violation violation) {}

  static {
    AvroSafety.apply();
  }

  private final @Nullable SchemaRegistry registry;
  private final Schema schema;
  private final byte[] header;
  private final SpecificDatumWriter<T> writer;

  /** Used again, each by its thread: its buffer takes longer to make than a message to write. */
  private final ThreadLocal<@Nullable BinaryEncoder> encoders = new ThreadLocal<>();

  private final Map<Schema, DatumReader<T>> readers = new ConcurrentHashMap<>();

  /** Registers the topic's schema first, under full transitive compatibility. */
  public static <T extends SpecificRecord> MessageCodec<T> registered(
      SchemaRegistry registry, Topics.Topic topic) {
    Schema schema = schema(topic);
    registry.requireFullCompatibility(topic.subject());
    return new MessageCodec<>(registry, schema, registry.register(topic.subject(), schema));
  }

  /**
   * For messages that stay with who writes them, in a host without a registry: they are framed
   * under schema id 0, and read by the schema of this release.
   */
  public static <T extends SpecificRecord> MessageCodec<T> unregistered(Topics.Topic topic) {
    return new MessageCodec<>(null, schema(topic), 0);
  }

  private static Schema schema(Topics.Topic topic) {
    Schema schema = topic.schema();
    if (schema == null) {
      throw new IllegalArgumentException(topic.name() + " carries no messages of ours");
    }
    return schema;
  }

  /** What stands behind the id of the schema: equal for equal messages, whatever the registry. */
  public static byte[] content(byte[] message) {
    return Arrays.copyOfRange(
        message, Math.min(Framed.HEADER_BYTES, message.length), message.length);
  }

  private MessageCodec(@Nullable SchemaRegistry registry, Schema schema, int id) {
    this.registry = registry;
    this.schema = schema;
    this.header = ByteBuffer.allocate(Framed.HEADER_BYTES).put(Framed.MAGIC).putInt(id).array();
    this.writer = new SpecificDatumWriter<>(schema);
  }

  /**
   * The message's bytes.
   *
   * @throws IllegalArgumentException if they are more than the topic takes
   */
  public byte[] encode(T message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    bytes.writeBytes(header);
    BinaryEncoder known = encoders.get();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, known);
    if (encoder != known) {
      encoders.set(encoder);
    }
    try {
      writer.write(message, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory does not fail", e);
    }
    if (bytes.size() > Topics.MAX_DERIVED_BYTES - Topics.BATCH_OVERHEAD_BYTES) {
      throw new IllegalArgumentException(
          schema.getName() + " has " + bytes.size() + " bytes, more than its topic takes");
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what any compatible schema wrote.
   *
   * @throws SchemaRegistry.RegistryException if the registry is away
   */
  public Decoded<T> decode(byte[] bytes) {
    Framed.Unframed<T> unframed =
        registry == null
            ? Framed.read(bytes, schema, this::reader)
            : Framed.read(bytes, registry, this::reader);
    return new Decoded<>(unframed.value(), unframed.violation());
  }

  private DatumReader<T> reader(Schema written) {
    return readers.computeIfAbsent(written, w -> new SpecificDatumReader<>(w, schema));
  }
}

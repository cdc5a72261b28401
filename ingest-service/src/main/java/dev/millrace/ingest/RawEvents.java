package dev.millrace.ingest;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.Origin;
import dev.millrace.schema.FileMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.streams.StreamsKit;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes raw records: the payload untouched, the user's key, and what was active when it came. */
final class RawEvents {

  /** Enough of SHA-256 to spread unreadable payloads over the partitions. */
  private static final int KEY_DIGITS = 32;

  /** A record for the raw topic. */
  @SuppressWarnings("ArrayRecordComponent") // carried on, never compared
  record Keyed(String key, byte[] value) {}

  private final ActiveSources sources;
  private final SchemaRegistry registry;
  private final PayloadSchemas payloadSchemas;
  private final EventReader reader = new EventReader();
  private final MessageCodec<RawEventMessage> codec;

  RawEvents(
      ActiveSources sources,
      SchemaRegistry registry,
      PayloadSchemas payloadSchemas,
      MessageCodec<RawEventMessage> codec) {
    this.sources = sources;
    this.registry = registry;
    this.payloadSchemas = payloadSchemas;
    this.codec = codec;
  }

  /** One that came by itself. */
  Keyed of(String ingestId, String source, String contentType, byte[] payload, Instant receivedAt) {
    return keyed(envelope(ingestId, source, contentType, payload, receivedAt).build(), payload);
  }

  /** One that stood on the inbound topic. */
  Keyed of(
      String ingestId,
      String source,
      String contentType,
      byte[] payload,
      Instant receivedAt,
      Origin inbound) {
    return keyed(
        envelope(ingestId, source, contentType, payload, receivedAt)
            .setInbound(Messages.origin(inbound))
            .build(),
        payload);
  }

  /** One that stood in a file, all of whose records arrived with it. */
  Keyed of(FileMessage file, FileFormat format, FileRecord record) {
    // A line can hold several elements of an array; the position names one.
    String ingestId =
        CanonicalHash.start()
            .add(FileKey.of(file).toString())
            .add(record.position())
            .digest128()
            .hex();
    return keyed(
        envelope(
                ingestId,
                file.getSource(),
                format.contentType(),
                record.payload(),
                file.getReceivedAt())
            .setFileName(file.getName())
            .setFileSha256(file.getSha256())
            .setFileLine(record.line())
            .build(),
        record.payload());
  }

  private RawEventMessage.Builder envelope(
      String ingestId, String source, String contentType, byte[] payload, Instant receivedAt) {
    return RawEventMessage.newBuilder()
        .setIngestId(ingestId)
        .setSource(source)
        .setContentType(contentType)
        .setPayload(ByteBuffer.wrap(payload))
        .setReceivedAt(receivedAt)
        .setActivationOffset(sources.lastKnown())
        .setPayloadSchemaSha256(payloadSchemas.stamp(payload, contentType, registry));
  }

  /** Stamped before, and read by the stamps, as cleansing will read it. */
  private Keyed keyed(RawEventMessage message, byte[] payload) {
    return new Keyed(key(message, payload), codec.encode(message));
  }

  /** The user as cleansing will read it; the payload's hash where there is none to read. */
  private String key(RawEventMessage message, byte[] payload) {
    Optional<String> userId =
        StreamsKit.GUARD.decide(
            () ->
                Optional.ofNullable(
                    reader.userId(
                        payload,
                        message.getContentType(),
                        sources.find(message.getSource(), message.getActivationOffset()),
                        payloadSchemas.find(message.getPayloadSchemaSha256()))),
            // Cleansing meets the same fault and makes it the event's outcome.
            fault -> Optional.empty());
    return key(userId.orElse(null), payload);
  }

  /** The record's key: the user, or the payload's hash if no user could be read. */
  static String key(@Nullable String userId, byte[] payload) {
    return userId == null || userId.isBlank()
        ? CanonicalHash.sha256Hex(payload).substring(0, KEY_DIGITS)
        : userId;
  }
}

package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schemas.ContentType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What a producer says beside its payload, in headers of UTF-8; the last of several of one name
 * counts, and all other headers are ignored. One that can't be read is not one that is absent: it
 * names nothing, so the event is quarantined and not taken for another source's.
 *
 * @param source null if there is none
 * @param contentType null if there is none
 */
record InboundHeaders(@Nullable String source, @Nullable String contentType) {

  static final String SOURCE = "source";
  static final String CONTENT_TYPE = "content-type";
  static final int MAX_BYTES = 256;

  /** No mapping and no parser is called so. */
  static final String UNREADABLE = "";

  static InboundHeaders of(Headers headers) {
    return new InboundHeaders(text(headers, SOURCE), text(headers, CONTENT_TYPE));
  }

  String source(String otherwise) {
    return source == null ? otherwise : source;
  }

  /** The media type as named, or else as the payload looks. */
  String contentType(byte[] payload) {
    return contentType == null
        ? ContentType.guess(payload)
        : ContentType.withoutParameters(contentType);
  }

  private static @Nullable String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    if (header == null || header.value() == null) {
      return null;
    }
    if (header.value().length > MAX_BYTES) {
      return UNREADABLE;
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(header.value())).toString();
    } catch (CharacterCodingException e) {
      return UNREADABLE;
    }
  }
}

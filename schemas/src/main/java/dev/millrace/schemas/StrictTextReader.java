package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Refuses texts that are no UTF-8. Avro itself puts the same mark for whatever it can't read, so
 * that two different payloads would become one event.
 */
final class StrictTextReader extends GenericDatumReader<GenericRecord> {

  StrictTextReader(Schema writer) {
    super(writer, writer, slow());
  }

  /** Avro's fast reader has a way of its own to read texts. */
  private static GenericData slow() {
    GenericData data = new GenericData();
    data.setFastReaderEnabled(false);
    return data;
  }

  @Override
  protected Object readString(@Nullable Object old, Schema expected, Decoder in)
      throws IOException {
    Utf8 text = in.readString(null);
    return UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(text.getBytes(), 0, text.getByteLength()))
        .toString();
  }
}

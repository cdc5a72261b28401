package dev.millrace.schemas;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.millrace.core.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.jspecify.annotations.Nullable;

/**
 * Payload bytes to a tree of named values, whatever they were written in. Bounded in depth, length
 * and number size; what it can't read is a violation, never an exception.
 */
final class PayloadParser {

  static final int MAX_DEPTH = 64;
  private static final int MAX_DIGITS = 100;
  private static final String NO_UTF_8 = "is no valid UTF-8";

  /** What Java puts in the place of bytes that are no UTF-8; a payload may hold it as well. */
  private static final char REPLACEMENT = '\uFFFD';

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_DIGITS)
                          .maxDocumentLength(Topics.MAX_PAYLOAD_BYTES)
                          .maxStringLength(Topics.MAX_PAYLOAD_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  // Names are kept across payloads otherwise, and what came before could decide.
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Map<Schema, DatumReader<GenericRecord>> avroReaders = new ConcurrentHashMap<>();

  Framed.Unframed<ObjectNode> json(byte[] payload) {
    @Nullable String text = utf8(payload);
    if (text == null) {
      return Framed.Unframed.refused(Reason.JSON_MALFORMED, NO_UTF_8);
    }
    try (JsonParser parser = JSON.createParser(text)) {
      JsonNode tree = JSON.readTree(parser);
      return tree instanceof ObjectNode object
          ? new Framed.Unframed<>(object, null)
          : Framed.Unframed.refused(Reason.JSON_MALFORMED, "is no JSON object");
    } catch (StreamConstraintsException e) {
      return Framed.Unframed.refused(
          Reason.JSON_MALFORMED,
          "is deeper than "
              + MAX_DEPTH
              + " levels, or holds a number of more than "
              + MAX_DIGITS
              + " digits");
    } catch (NumberFormatException e) {
      return Framed.Unframed.refused(
          Reason.JSON_MALFORMED, "holds a number whose exponent no decimal can have");
    } catch (JsonProcessingException e) {
      // Not where: each version of the parser counts otherwise, and a replay says what live said.
      return Framed.Unframed.refused(Reason.JSON_MALFORMED, "is no valid JSON");
    } catch (IOException e) {
      throw new UncheckedIOException("Reading from memory does not fail", e);
    }
  }

  Framed.Unframed<ObjectNode> csv(byte[] payload, List<String> columns) {
    @Nullable String text = utf8(payload);
    if (text == null) {
      return Framed.Unframed.refused(Reason.CSV_MALFORMED, NO_UTF_8);
    }
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .skipEmptyLines(false)
            .allowMissingFields(true)
            .allowExtraFields(true)
            .maxBufferSize(Topics.MAX_PAYLOAD_BYTES)
            .ofCsvRecord(text)) {
      List<CsvRecord> lines = reader.stream().limit(2).toList();
      if (lines.size() != 1 || lines.get(0).getFieldCount() != columns.size()) {
        return Framed.Unframed.refused(
            Reason.CSV_MALFORMED, "is not one line of " + columns.size() + " columns");
      }
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < columns.size(); i++) {
        String cell = lines.get(0).getField(i);
        if (!cell.isEmpty()) {
          row.put(columns.get(i), cell);
        }
      }
      return new Framed.Unframed<>(row, null);
    } catch (CsvParseException | IOException | UncheckedIOException e) {
      return Framed.Unframed.refused(Reason.CSV_MALFORMED, "is no valid CSV line");
    }
  }

  /**
   * The text, if the bytes are UTF-8 to the letter. A JSON parser takes more, such as UTF-16 and
   * characters in more bytes than they need, and other readers of the same payload would differ.
   */
  private static @Nullable String utf8(byte[] payload) {
    String text = new String(payload, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : strictUtf8(payload);
  }

  private static @Nullable String strictUtf8(byte[] payload) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(payload))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * @param writer the schema that the payload names; null if there is none
   */
  Framed.Unframed<ObjectNode> avro(byte[] payload, @Nullable Schema writer) {
    Framed.Unframed<GenericRecord> unframed = Framed.read(payload, writer, this::reader);
    return unframed.value() == null
        ? new Framed.Unframed<>(null, unframed.violation())
        : new Framed.Unframed<>(AvroTree.of(unframed.value()), null);
  }

  /**
   * Reads what the schema wrote.
   *
   * @throws AvroRuntimeException for a schema that nests too deeply, or in itself: how deep its
   *     records go would be up to the payload, and what is too deep up to the thread's stack
   */
  private DatumReader<GenericRecord> reader(Schema writer) {
    if (!avroReaders.containsKey(writer)) {
      AvroTree.requireBounded(writer, MAX_DEPTH);
    }
    return avroReaders.computeIfAbsent(writer, StrictTextReader::new);
  }
}

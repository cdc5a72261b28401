package dev.millrace.schemas;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Several events in one body, cut into payloads without changing a byte of them. */
public final class EventBatch {

  /** A body that can't be cut; nothing of it was used. */
  public static final class MalformedBatchException extends Exception {
    MalformedBatchException(String message) {
      super(message);
    }
  }

  private EventBatch() {}

  /** A new one for each body: a factory keeps names, and what came before could decide. */
  private static JsonFactory json() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(PayloadParser.MAX_DEPTH + 1).build())
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .build();
  }

  /**
   * The elements of a JSON array, whatever they are.
   *
   * @throws MalformedBatchException if the body is not one well-formed array
   */
  public static List<byte[]> ofJsonArray(byte[] body) throws MalformedBatchException {
    List<byte[]> payloads = new ArrayList<>();
    try (JsonParser parser = json().createParser(body)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new MalformedBatchException("The body is not a JSON array");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == null) {
          throw new MalformedBatchException("The array does not end");
        }
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        int end = (int) parser.currentLocation().getByteOffset();
        if (start < 0 || end < 0) {
          // The parser tells UTF-16 and UTF-32 by their zero bytes, and has no byte offsets there.
          throw new MalformedBatchException("The array is not in UTF-8");
        }
        payloads.add(Arrays.copyOfRange(body, start, end));
      }
      if (parser.nextToken() != null) {
        throw new MalformedBatchException("Something stands behind the array");
      }
    } catch (JsonProcessingException e) {
      throw new MalformedBatchException(
          e.getLocation() == null
              ? "The array is no valid JSON"
              : "The array is no valid JSON at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new MalformedBatchException("The array is no valid UTF-8");
    }
    return payloads;
  }

  /** The lines of a body; blank ones are left out. */
  public static List<byte[]> ofLines(byte[] body) {
    List<byte[]> payloads = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= body.length; i++) {
      if (i == body.length || body[i] == '\n') {
        int end = i > start && body[i - 1] == '\r' ? i - 1 : i;
        byte[] line = Arrays.copyOfRange(body, start, end);
        if (!isBlank(line)) {
          payloads.add(line);
        }
        start = i + 1;
      }
    }
    return payloads;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t') {
        return false;
      }
    }
    return true;
  }
}

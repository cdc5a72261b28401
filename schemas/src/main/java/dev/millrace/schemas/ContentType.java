package dev.millrace.schemas;

import java.util.Locale;

/** Media types of payloads. */
public final class ContentType {

  public static final String JSON = "application/json";
  public static final String CSV = "text/csv";

  /** An Avro record in Confluent's wire format. */
  public static final String AVRO = "application/vnd.confluent.avro";

  /** Could be anything. */
  public static final String UNKNOWN = "";

  private ContentType() {}

  /** The media type alone: lower case, without parameters. */
  public static String withoutParameters(String contentType) {
    int parameters = contentType.indexOf(';');
    return (parameters < 0 ? contentType : contentType.substring(0, parameters))
        .trim()
        .toLowerCase(Locale.ROOT);
  }

  /**
   * Tells the type by the first byte: a JSON object opens with a brace, framed Avro with a zero
   * byte, and a CSV line with neither.
   */
  public static String guess(byte[] payload) {
    for (byte b : payload) {
      switch (b) {
        case ' ', '\t', '\r', '\n' -> {
          continue;
        }
        case '{' -> {
          return JSON;
        }
        case Framed.MAGIC -> {
          return AVRO;
        }
        default -> {
          return CSV;
        }
      }
    }
    return UNKNOWN;
  }
}

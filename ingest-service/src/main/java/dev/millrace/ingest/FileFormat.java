package dev.millrace.ingest;

import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.SourceMapping;
import java.io.IOException;
import java.util.Locale;
import java.util.stream.Stream;

/** How a file is cut. The names, in lower case, stand in messages: add, never rename. */
enum FileFormat {
  CSV(ContentType.CSV),
  JSON_LINES(ContentType.JSON),
  JSON_ARRAY(ContentType.JSON);

  static final String GZIP_SUFFIX = ".gz";

  private final String contentType;

  FileFormat(String contentType) {
    this.contentType = contentType;
  }

  /** Whether a file's name says how it is cut. */
  static boolean isTold(String name) {
    String plain = withoutGzip(name);
    return Stream.of(".csv", ".json", ".ndjson", ".jsonl").anyMatch(plain::endsWith);
  }

  /** The format as a name has it that tells. */
  static FileFormat of(String name) {
    String plain = withoutGzip(name);
    if (plain.endsWith(".csv")) {
      return CSV;
    }
    return plain.endsWith(".json") ? JSON_ARRAY : JSON_LINES;
  }

  /** The format by a name that tells; of .json by how it begins too, for many write lines so. */
  static FileFormat of(String name, FileBytes bytes) throws IOException {
    FileFormat format = of(name);
    return format == JSON_ARRAY && firstOf(bytes) != '[' ? JSON_LINES : format;
  }

  private static int firstOf(FileBytes bytes) throws IOException {
    int blanks = 0;
    while (blanks < FileBytes.REACH - 1 && Character.isWhitespace(bytes.peek(blanks))) {
      blanks++;
    }
    return bytes.peek(blanks);
  }

  static FileFormat named(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Of each of its records. */
  String contentType() {
    return contentType;
  }

  boolean fits(SourceMapping mapping) {
    return (this == CSV) == (mapping.format() == SourceMapping.Format.CSV);
  }

  RecordCutter cutter(FileBytes bytes, boolean begun) {
    return switch (this) {
      case CSV -> new CsvCutter(bytes);
      case JSON_LINES -> new LineCutter(bytes);
      case JSON_ARRAY -> new ArrayCutter(bytes, begun);
    };
  }

  static String withoutGzip(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(GZIP_SUFFIX)
        ? lower.substring(0, lower.length() - GZIP_SUFFIX.length())
        : lower;
  }
}

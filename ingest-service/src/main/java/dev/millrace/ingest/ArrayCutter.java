package dev.millrace.ingest;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A record is an element of the JSON array that is the file. Only brackets and strings are looked
 * at, so an element that is no valid JSON is cut like another, and refused by who reads it.
 */
final class ArrayCutter implements RecordCutter {

  private final FileBytes bytes;
  private boolean begun;
  private boolean ended;

  ArrayCutter(FileBytes bytes, boolean begun) {
    this.bytes = bytes;
    this.begun = begun;
  }

  @Override
  public @Nullable FileRecord next() throws IOException {
    if (ended) {
      return null;
    }
    int b = skipBlanks();
    if (!begun) {
      // Whoever chose this cutter has seen the bracket.
      bytes.skip(1);
      b = skipBlanks();
    }
    if (b == ']') {
      requireNothingBehind();
      return null;
    }
    if (begun && b == ',') {
      bytes.skip(1);
      skipBlanks();
    } else if (begun) {
      throw unreadable(
          "holds an array that is not closed, or an element without a comma before it");
    }
    begun = true;
    return element();
  }

  private FileRecord element() throws IOException {
    long line = bytes.lines() + 1;
    long position = bytes.position();
    byte @Nullable [] head = null;
    int depth = 0;
    boolean inString = false;
    boolean escaped = false;
    int at = 0;
    while (true) {
      int b = bytes.peek(at);
      if (b == FileBytes.END) {
        throw new UnreadableFileException(
            "The element that begins on line %d does not end".formatted(line));
      }
      if (inString) {
        inString = escaped || b != '"';
        escaped = b == '\\' && !escaped;
      } else if (depth == 0 && (b == ',' || b == ']')) {
        byte[] payload = head == null ? bytes.copy(withoutBlanks(at)) : head;
        bytes.skip(at);
        return new FileRecord(payload, line, position);
      } else if (b == '"') {
        inString = true;
      } else if (b == '{' || b == '[') {
        depth++;
      } else if ((b == '}' || b == ']') && depth > 0) {
        depth--;
      }
      at++;
      if (at == FileBytes.REACH) {
        head = head == null ? bytes.copy(FileBytes.TOO_LARGE) : head;
        bytes.skip(at);
        at = 0;
      }
    }
  }

  private int withoutBlanks(int length) throws IOException {
    int end = length;
    while (end > 0 && isBlank(bytes.peek(end - 1))) {
      end--;
    }
    return end;
  }

  private void requireNothingBehind() throws IOException {
    bytes.skip(1);
    if (skipBlanks() != FileBytes.END) {
      throw unreadable("has something behind its array");
    }
    ended = true;
  }

  private int skipBlanks() throws IOException {
    int b = bytes.peek(0);
    while (isBlank(b)) {
      bytes.skip(1);
      b = bytes.peek(0);
    }
    return b;
  }

  private UnreadableFileException unreadable(String what) {
    return new UnreadableFileException(
        "The file %s, on line %d".formatted(what, bytes.lines() + 1));
  }

  private static boolean isBlank(int b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }
}

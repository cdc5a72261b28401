package dev.millrace.ingest;

import dev.millrace.schemas.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The bytes of a file from a position on, which moves forward only. Looks ahead as far as a record
 * may reach and holds no more, however large the file or its records are.
 */
final class FileBytes {

  static final int END = -1;

  /** The longest payload and its line end: so far {@link #peek} looks. */
  static final int REACH = Topics.MAX_PAYLOAD_BYTES + 2;

  /** One byte more than is taken, so that the reader of events says so. */
  static final int TOO_LARGE = Topics.MAX_PAYLOAD_BYTES + 1;

  /** Twice the reach, so that each byte is moved at most once. */
  private static final int BUFFER = 2 * (REACH + 1);

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;
  private long position;
  private long lines;

  /**
   * @param in stands at the position
   * @param lines line ends before it
   */
  FileBytes(InputStream in, long position, long lines) {
    this.in = in;
    this.position = position;
    this.lines = lines;
  }

  /** The byte at that distance, less than {@link #REACH}; {@link #END} behind the last. */
  int peek(int ahead) throws IOException {
    return start + ahead < end || fill(ahead) ? buffer[start + ahead] & 0xff : END;
  }

  /** The next bytes, which have been peeked at. */
  byte[] copy(int length) {
    return Arrays.copyOfRange(buffer, start, start + length);
  }

  /** Passes over bytes that have been peeked at. */
  void skip(int length) {
    for (int i = start; i < start + length; i++) {
      if (buffer[i] == '\n') {
        lines++;
      }
    }
    start += length;
    position += length;
  }

  long position() {
    return position;
  }

  /** Line ends before the position. */
  long lines() {
    return lines;
  }

  /** Takes the line that begins here, however long it is. */
  FileRecord line() throws IOException {
    int lineEnd = 0;
    for (int b = peek(0); b != '\n' && b != END; b = peek(lineEnd)) {
      lineEnd++;
      if (lineEnd == REACH) {
        return headOfLine();
      }
    }
    return upTo(lineEnd);
  }

  /** Takes the bytes before the line end, or the file's end, at that distance. */
  FileRecord upTo(int lineEnd) throws IOException {
    int length = lineEnd > 0 && peek(lineEnd - 1) == '\r' ? lineEnd - 1 : lineEnd;
    FileRecord record = new FileRecord(copy(length), lines + 1, position);
    skip(peek(lineEnd) == END ? lineEnd : lineEnd + 1);
    return record;
  }

  private FileRecord headOfLine() throws IOException {
    FileRecord head = new FileRecord(copy(TOO_LARGE), lines + 1, position);
    int b = peek(0);
    int ahead = 0;
    while (b != '\n' && b != END) {
      ahead++;
      if (ahead == REACH) {
        skip(ahead);
        ahead = 0;
      }
      b = peek(ahead);
    }
    skip(b == END ? ahead : ahead + 1);
    return head;
  }

  private boolean fill(int ahead) throws IOException {
    if (start + ahead >= buffer.length) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    while (end <= start + ahead) {
      int n = in.read(buffer, end, buffer.length - end);
      if (n < 0) {
        return false;
      }
      end += n;
    }
    return true;
  }
}

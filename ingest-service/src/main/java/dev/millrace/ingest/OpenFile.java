package dev.millrace.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.jspecify.annotations.Nullable;

/** A file that is being cut. */
final class OpenFile implements AutoCloseable {

  /** Where a file's bytes come from. */
  interface Content {
    InputStream from(long position) throws IOException;
  }

  /** How many bytes tell gzip. */
  static final int GZIP_HEAD = 2;

  private final InputStream in;
  private final FileBytes bytes;
  private final FileFormat format;
  private final RecordCutter cutter;

  /**
   * Opens it at its beginning.
   *
   * @throws UnreadableFileException if it can't be cut
   */
  static OpenFile at(Content content, String name, long maxInflated) throws IOException {
    PushbackInputStream stored = open(content);
    try {
      boolean gzip = isGzip(stored);
      if (!gzip && FileFormat.withoutGzip(name).length() < name.length()) {
        throw new UnreadableFileException("Its name says that it is gzip, and it is not");
      }
      InputStream in = gzip ? Inflated.of(stored, maxInflated) : stored;
      FileBytes bytes = new FileBytes(in, 0, 0);
      requireText(bytes);
      skipByteOrderMark(bytes);
      return new OpenFile(in, bytes, FileFormat.of(name, bytes), false);
    } catch (IOException | RuntimeException e) {
      stored.close();
      throw e;
    }
  }

  /** Opens it where a record ended. */
  static OpenFile at(
      Content content, FileFormat format, long position, long lines, long maxInflated)
      throws IOException {
    InputStream stored = open(content);
    try {
      InputStream in;
      if (isGzip((PushbackInputStream) stored)) {
        in = Inflated.of(stored, maxInflated);
        in.skipNBytes(position);
      } else {
        stored.close();
        stored = content.from(position);
        in = stored;
      }
      return new OpenFile(in, new FileBytes(in, position, lines), format, true);
    } catch (IOException | RuntimeException e) {
      stored.close();
      throw e;
    }
  }

  private OpenFile(InputStream in, FileBytes bytes, FileFormat format, boolean begun) {
    this.in = in;
    this.bytes = bytes;
    this.format = format;
    this.cutter = format.cutter(bytes, begun);
  }

  FileFormat format() {
    return format;
  }

  @Nullable FileRecord next() throws IOException {
    return cutter.next();
  }

  /** Behind the last record, in the inflated file. */
  long position() {
    return bytes.position();
  }

  /** Line ends before that. */
  long lines() {
    return bytes.lines();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static PushbackInputStream open(Content content) throws IOException {
    return new PushbackInputStream(content.from(0), GZIP_HEAD);
  }

  private static boolean isGzip(PushbackInputStream in) throws IOException {
    byte[] head = in.readNBytes(GZIP_HEAD);
    in.unread(head);
    return isGzip(head);
  }

  /** Whether a file that begins so is compressed. */
  static boolean isGzip(byte[] head) {
    return head.length >= GZIP_HEAD && head[0] == 0x1f && head[1] == (byte) 0x8b;
  }

  private static void requireText(FileBytes bytes) throws IOException {
    int first = bytes.peek(0);
    int second = bytes.peek(1);
    if (first == 0x1f && second == 0x8b) {
      throw new UnreadableFileException("It is gzip within gzip; compress it once");
    }
    if ((first == 0xff && second == 0xfe) || (first == 0xfe && second == 0xff)) {
      throw new UnreadableFileException("It is UTF-16; write it in UTF-8");
    }
  }

  private static void skipByteOrderMark(FileBytes bytes) throws IOException {
    if (bytes.peek(0) == 0xef && bytes.peek(1) == 0xbb && bytes.peek(2) == 0xbf) {
      bytes.skip(3);
    }
  }
}

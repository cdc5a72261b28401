package dev.millrace.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A file that is being cut. */
final class OpenFile implements AutoCloseable {

  private static final byte[] GZIP = {0x1f, (byte) 0x8b};

  private final InputStream in;
  private final FileBytes bytes;
  private final FileFormat format;
  private final RecordCutter cutter;

  /**
   * Opens it at its beginning.
   *
   * @throws UnreadableFileException if it can't be cut
   */
  static OpenFile at(Path path, String name, long maxInflated) throws IOException {
    boolean gzip = isGzip(path);
    if (!gzip && FileFormat.withoutGzip(name).length() < name.length()) {
      throw new UnreadableFileException("Its name says that it is gzip, and it is not");
    }
    InputStream in = content(path, gzip, maxInflated);
    try {
      FileBytes bytes = new FileBytes(in, 0, 0);
      requireText(bytes);
      skipByteOrderMark(bytes);
      return new OpenFile(in, bytes, FileFormat.of(name, bytes), false);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Opens it where a record ended. */
  static OpenFile at(Path path, FileFormat format, long position, long lines, long maxInflated)
      throws IOException {
    InputStream in = content(path, isGzip(path), maxInflated);
    try {
      in.skipNBytes(position);
      return new OpenFile(in, new FileBytes(in, position, lines), format, true);
    } catch (IOException e) {
      in.close();
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

  static boolean isGzip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(GZIP.length), GZIP);
    }
  }

  private static InputStream content(Path path, boolean gzip, long maxInflated) throws IOException {
    InputStream file = Files.newInputStream(path);
    try {
      return gzip ? Inflated.of(file, maxInflated) : file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
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

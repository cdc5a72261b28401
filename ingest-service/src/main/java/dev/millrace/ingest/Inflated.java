package dev.millrace.ingest;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** What a gzip file holds, as far as it is no bomb: bytes are counted while they come. */
final class Inflated extends FilterInputStream {

  /**
   * Logs compress 10 to 50 times, very dull ones 100 times, and a bomb 1000 times: deflate's bound.
   */
  static final int MAX_RATIO = 200;

  /** Below this nothing is a bomb, however well it compresses. */
  private static final long HARMLESS = 16 * 1_048_576;

  private static final int BUFFER = 65_536;

  private final Counted compressed;
  private final long limit;
  private long count;

  static Inflated of(InputStream file, long limit) throws IOException {
    Counted compressed = new Counted(file);
    try {
      return new Inflated(compressed, new GZIPInputStream(compressed, BUFFER), limit);
    } catch (ZipException | EOFException e) {
      throw broken();
    }
  }

  private Inflated(Counted compressed, GZIPInputStream inflating, long limit) {
    super(inflating);
    this.compressed = compressed;
    this.limit = limit;
  }

  @Override
  public int read() {
    throw new UnsupportedOperationException("Read in blocks");
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n;
    try {
      n = super.read(buffer, offset, length);
    } catch (ZipException | EOFException e) {
      throw broken();
    }
    count += Math.max(0, n);
    if (count > limit) {
      throw new UnreadableFileException(
          "It inflates to more than %d bytes; split it, or raise millrace.ingest.max-inflated-file"
              .formatted(limit));
    }
    if (count > HARMLESS && count / MAX_RATIO > compressed.count) {
      throw new UnreadableFileException(
          "It inflates to more than %d times its size, as a bomb does".formatted(MAX_RATIO));
    }
    return n;
  }

  /** By reading, so that what is passed over is counted like the rest. */
  @Override
  public long skip(long n) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long skipped = 0;
    while (skipped < n) {
      int read = read(buffer, 0, (int) Math.min(buffer.length, n - skipped));
      if (read < 0) {
        break;
      }
      skipped += read;
    }
    return skipped;
  }

  private static UnreadableFileException broken() {
    return new UnreadableFileException("It is no complete gzip file");
  }

  private static final class Counted extends FilterInputStream {

    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      count += Math.max(0, n);
      return n;
    }
  }
}

package dev.millrace.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A body while it is received: counted, bounded and hashed. */
final class UploadBody extends FilterInputStream {

  private final MessageDigest digest = Sha256.start();
  private final long maxBytes;
  private final byte[] head = new byte[OpenFile.GZIP_HEAD];
  private long bytes;

  UploadBody(InputStream body, long maxBytes) {
    super(body);
    this.maxBytes = maxBytes;
  }

  @Override
  public int read() {
    throw new UnsupportedOperationException("Read in blocks");
  }

  /**
   * @throws Landing.TooLargeException if it goes on behind the largest file
   */
  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = super.read(buffer, offset, length);
    for (int i = 0; i < n && bytes + i < head.length; i++) {
      head[(int) bytes + i] = buffer[offset + i];
    }
    bytes += Math.max(0, n);
    if (bytes > maxBytes) {
      throw new Landing.TooLargeException();
    }
    digest.update(buffer, offset, Math.max(0, n));
    return n;
  }

  long bytes() {
    return bytes;
  }

  boolean isGzip() {
    return OpenFile.isGzip(head);
  }

  /** As {@code sha256sum} prints it; asked once, behind the last byte. */
  String sha256() {
    return HexFormat.of().formatHex(digest.digest());
  }
}

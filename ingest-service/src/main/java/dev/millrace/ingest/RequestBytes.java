package dev.millrace.ingest;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * A request's body, inflated if it is gzip. Bytes are counted while they come, so that neither a
 * large body nor a small one that inflates to a large one is ever held.
 */
final class RequestBytes {

  private static final int BUFFER = 16_384;

  private RequestBytes() {}

  /**
   * @throws Problem 413 if it is too large, 415 for an unknown encoding, 400 if it is empty, cut
   *     off or no gzip
   */
  static byte[] read(HttpServletRequest request, IngestProperties limits) throws IOException {
    boolean gzip = isGzip(request);
    long wire = limits.maxBody().toBytes();
    if (request.getContentLengthLong() > wire) {
      throw tooLarge(wire);
    }
    byte[] body;
    try (InputStream in = new Bounded(request.getInputStream(), wire)) {
      body =
          gzip
              ? all(new GZIPInputStream(in, BUFFER), limits.maxInflatedBody().toBytes())
              : all(in, wire);
    } catch (ZipException | EOFException e) {
      throw new Problem(
          HttpStatus.BAD_REQUEST,
          "Body can't be read",
          "It is no complete gzip stream, though Content-Encoding says so.");
    }
    if (body.length == 0) {
      throw new Problem(HttpStatus.BAD_REQUEST, "Empty body", "Send an event.");
    }
    return body;
  }

  /**
   * The same for a body that is one event.
   *
   * @throws Problem also 413 if it is larger than an event may be
   */
  static byte[] event(HttpServletRequest request, IngestProperties limits) throws IOException {
    byte[] payload = read(request, limits);
    if (payload.length > limits.maxEventBytes()) {
      throw tooLarge(limits.maxEventBytes());
    }
    return payload;
  }

  /**
   * What the request says of its body.
   *
   * @throws Problem 415 for any other encoding
   */
  static boolean isGzip(HttpServletRequest request) {
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    boolean gzip = encoding != null && encoding.strip().toLowerCase(Locale.ROOT).equals("gzip");
    if (encoding != null && !gzip && !encoding.isBlank() && !encoding.strip().equals("identity")) {
      throw new Problem(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "Unknown content encoding",
          "Send the body plain or with Content-Encoding: gzip.");
    }
    return gzip;
  }

  private static byte[] all(InputStream in, long limit) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      if (bytes.size() + (long) n > limit) {
        throw tooLarge(limit);
      }
      bytes.write(buffer, 0, n);
    }
    return bytes.toByteArray();
  }

  static Problem tooLarge(long limit) {
    return new Problem(
        HttpStatus.CONTENT_TOO_LARGE,
        "Body too large",
        "At most %d bytes are taken; send several requests.".formatted(limit));
  }

  /** Lets no more bytes through than the limit. */
  private static final class Bounded extends FilterInputStream {

    private final long limit;
    private long count;

    Bounded(InputStream in, long limit) {
      super(in);
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      count(Math.max(0, n));
      return n;
    }

    private void count(int n) {
      count += n;
      if (count > limit) {
        throw tooLarge(limit);
      }
    }
  }
}

package dev.millrace.local;

import dev.millrace.schemas.Topics;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file as bytes, without what ends them, one at a time; a byte order mark at the
 * start is no part of the first.
 */
final class Lines implements Iterator<byte[]>, AutoCloseable {

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final String name;
  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long number;
  private byte @Nullable [] ahead;

  Lines(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  static Lines of(Path file) {
    try {
      return new Lines(
          file.toString(), new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    } catch (IOException e) {
      throw new CommandException("Cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public boolean hasNext() {
    if (ahead == null) {
      ahead = read();
    }
    return ahead != null;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CommandException for a line that no topic takes
   */
  @Override
  public byte[] next() {
    byte[] next = ahead == null ? read() : ahead;
    ahead = null;
    if (next == null) {
      throw new NoSuchElementException(name + " has no more lines");
    }
    return next;
  }

  private byte @Nullable [] read() {
    try {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      number++;
      line.reset();
      for (; next >= 0 && next != '\n'; next = in.read()) {
        line.write(next);
        requireTransportable();
      }
      return withoutMarks(line.toByteArray());
    } catch (IOException e) {
      throw new CommandException(
          "Cannot read %s after line %d: %s. What came before was published."
              .formatted(name, number, e.getMessage()),
          e);
    }
  }

  private void requireTransportable() {
    // A mark at the start and a carriage return at the end do not count.
    if (line.size() > Topics.MAX_PAYLOAD_BYTES + BYTE_ORDER_MARK.length + 1) {
      throw new CommandException(
          "Line %d of %s has more than %d bytes, and no event may be larger. The lines before it were published; is this a file of one event per line?"
              .formatted(number, name, Topics.MAX_PAYLOAD_BYTES));
    }
  }

  private byte[] withoutMarks(byte[] bytes) {
    int from = number == 1 && startsWithMark(bytes) ? BYTE_ORDER_MARK.length : 0;
    boolean carriageReturn = bytes.length > from && bytes[bytes.length - 1] == '\r';
    return Arrays.copyOfRange(bytes, from, bytes.length - (carriageReturn ? 1 : 0));
  }

  private static boolean startsWithMark(byte[] bytes) {
    return bytes.length >= BYTE_ORDER_MARK.length
        && Arrays.equals(
            bytes, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close " + name, e);
    }
  }
}

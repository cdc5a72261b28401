package dev.millrace.local;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 digests that come in any order, as one digest of them in theirs. They wait in files, one
 * for each first byte, so that memory holds a 256th of them at a time: of ten million 1.3 MB.
 */
final class SortedDigests implements AutoCloseable {

  private static final int LENGTH = 32;
  private static final int FILES = 256;

  private final Path directory;
  private final @Nullable OutputStream[] files = new @Nullable OutputStream[FILES];
  private long count;

  /**
   * @param directory of this one's own; it is made, and deleted with {@link #close()}
   */
  SortedDigests(Path directory) {
    try {
      this.directory = Files.createDirectories(directory);
    } catch (IOException e) {
      throw new CommandException(
          "Cannot make the folder %s, where digests are sorted: %s"
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  void add(byte[] digest) {
    int first = Byte.toUnsignedInt(digest[0]);
    try {
      @Nullable OutputStream file = files[first];
      if (file == null) {
        file = new BufferedOutputStream(Files.newOutputStream(file(first)));
        files[first] = file;
      }
      file.write(digest);
    } catch (IOException e) {
      throw notWritten(e);
    }
    count++;
  }

  private Path file(int first) {
    return directory.resolve(HexFormat.of().toHexDigits((byte) first));
  }

  private CommandException notWritten(IOException e) {
    return new CommandException(
        "Cannot sort digests in %s, which takes 32 bytes for each record: %s"
            .formatted(directory, e.getMessage()),
        e);
  }

  long count() {
    return count;
  }

  /** SHA-256 of all of them, one after the other in their order; then none can be added. */
  String sha256() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (int first = 0; first < FILES; first++) {
        @Nullable OutputStream file = files[first];
        if (file != null) {
          file.close();
          sorted(Files.readAllBytes(file(first)), sha256);
        }
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (IOException e) {
      throw notWritten(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one has not", e);
    }
  }

  private static void sorted(byte[] bytes, MessageDigest into) {
    byte[][] digests = new byte[bytes.length / LENGTH][];
    for (int i = 0; i < digests.length; i++) {
      digests[i] = Arrays.copyOfRange(bytes, i * LENGTH, (i + 1) * LENGTH);
    }
    Arrays.sort(digests, Arrays::compareUnsigned);
    for (byte[] digest : digests) {
      into.update(digest);
    }
  }

  @Override
  public void close() {
    try {
      for (int first = 0; first < FILES; first++) {
        @Nullable OutputStream file = files[first];
        if (file != null) {
          file.close();
          Files.delete(file(first));
        }
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete " + directory, e);
    }
  }
}

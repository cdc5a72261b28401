package dev.millrace.schemas;

import dev.millrace.core.cleansing.PiiKey;
import dev.millrace.core.cleansing.PiiKeyName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The secrets that make tokens: a folder with a file per key, named like it. A line break at the
 * end of a file is not part of its key.
 */
public final class PiiKeys {

  /** A key that a contract names and that is missing, or another. */
  public static final class PiiKeyException extends RuntimeException {
    PiiKeyException(String message) {
      super(message);
    }

    PiiKeyException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Path folder;
  private final Map<PiiKeyName, PiiKey> known = new ConcurrentHashMap<>();

  public PiiKeys(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /**
   * The key that the contract names.
   *
   * @throws PiiKeyException if it is not there, too short, or another
   */
  public PiiKey find(PiiKeyName name) {
    return known.computeIfAbsent(name, this::read);
  }

  private PiiKey read(PiiKeyName name) {
    Path file = folder.resolve(name.id());
    try {
      PiiKey key = new PiiKey(name.id(), secret(Files.readAllBytes(file)));
      if (!key.check().equals(name.check())) {
        throw new PiiKeyException(
            "The key in %s is not the one that the contract names: its check is %s and must be %s. Put the right key there; another would make other tokens."
                .formatted(file, key.check(), name.check()));
      }
      return key;
    } catch (IllegalArgumentException e) {
      throw new PiiKeyException("%s: %s.".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new PiiKeyException(
          "The contract's key is not at %s (%s). Put it there, or correct millrace.cleansing.pii-keys."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private static byte[] secret(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }
}

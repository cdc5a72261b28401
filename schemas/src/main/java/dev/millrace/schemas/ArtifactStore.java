package dev.millrace.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.CanonicalHash;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Keeps what decides, by the SHA-256 of its bytes: written once, never changed, checked at each
 * reading. A folder; several processes may use it at once.
 */
public final class ArtifactStore {

  /** An artifact that is missing, damaged or out of reach. */
  public static final class ArtifactException extends RuntimeException {
    ArtifactException(String message) {
      super(message);
    }

    ArtifactException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final String FILES = "files";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  public ArtifactStore(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /**
   * Keeps the bytes and tells their name; doing it again changes nothing.
   *
   * @throws ArtifactException if the folder can't be written
   */
  public String put(byte[] bytes) {
    String sha256 = CanonicalHash.sha256Hex(bytes);
    Path file = file(sha256);
    if (Files.exists(file)) {
      return sha256;
    }
    try {
      Files.createDirectories(file.getParent());
      Path unfinished = Files.createTempFile(file.getParent(), sha256, ".part");
      Files.write(unfinished, bytes);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      return sha256; // Another process kept the same bytes first.
    } catch (IOException e) {
      throw new ArtifactException(
          "Cannot keep artifact %s in %s; is the folder writable?".formatted(sha256, folder), e);
    }
    return sha256;
  }

  /** Keeps several files as one artifact, named by the hash of their names and hashes. */
  public String putFiles(Map<String, byte[]> filesByPath) {
    ObjectNode hashes = JsonNodeFactory.instance.objectNode();
    filesByPath.forEach((path, bytes) -> hashes.put(path, put(bytes)));
    return put(CanonicalJson.write(JsonNodeFactory.instance.objectNode().set(FILES, hashes)));
  }

  /** Whether something of that name is kept here. */
  public boolean has(String sha256) {
    return Files.exists(file(sha256));
  }

  /**
   * The bytes of that name.
   *
   * @throws ArtifactException if it is not there or its bytes do not have that hash
   */
  public byte[] get(String sha256) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file(sha256));
    } catch (NoSuchFileException e) {
      throw new ArtifactException(
          "Artifact %s is not in %s. It was activated from another store: copy it here, or point to that store."
              .formatted(sha256, folder),
          e);
    } catch (IOException e) {
      throw new ArtifactException("Cannot read artifact %s in %s".formatted(sha256, folder), e);
    }
    if (!CanonicalHash.sha256Hex(bytes).equals(sha256)) {
      throw new ArtifactException(
          "Artifact %s in %s is damaged: its bytes have another hash. Activate it again from its source."
              .formatted(sha256, folder));
    }
    return bytes;
  }

  /**
   * The files of that name, by path.
   *
   * @throws ArtifactException if it or one of its files is not there, is damaged or is no set of
   *     files
   */
  public SortedMap<String, byte[]> getFiles(String sha256) {
    JsonNode hashes;
    try {
      hashes = JSON.readTree(get(sha256)).path(FILES);
    } catch (IOException e) {
      throw new ArtifactException("Artifact %s is one file, not a set".formatted(sha256), e);
    }
    if (!hashes.isObject()) {
      throw new ArtifactException("Artifact %s is one file, not a set".formatted(sha256));
    }
    SortedMap<String, byte[]> files = new TreeMap<>();
    hashes.properties().forEach(entry -> files.put(entry.getKey(), get(entry.getValue().asText())));
    return files;
  }

  public URI uri(String sha256) {
    return file(sha256).toUri();
  }

  private Path file(String sha256) {
    if (!SHA_256.matcher(sha256).matches()) {
      throw new ArtifactException("Not the name of an artifact: " + sha256);
    }
    return folder.resolve(sha256.substring(0, 2)).resolve(sha256);
  }
}

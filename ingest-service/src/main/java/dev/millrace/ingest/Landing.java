package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that files are taken from.
 *
 * <pre>
 * SOURCE/…          files of that source, uploaded or put there by others
 * .uploads/*.part   being uploaded
 * .done/SOURCE/…    all taken; nothing reads them any more
 * .failed/SOURCE/…  can't be taken
 * .id               names this folder for ever
 * </pre>
 *
 * What begins with a dot is never taken, nor is a file that still changes.
 */
final class Landing {

  /**
   * A file that waits.
   *
   * @param name its path below the folder of its source, or the name it was uploaded by
   * @param key tells it from another one that has taken its place; null if the file system can't
   */
  record Waiting(
      Path path, String source, String name, long bytes, FileTime modified, @Nullable Object key) {}

  /** A body that was received whole. */
  record Received(Path part, String sha256, long bytes) {}

  /** The folder can't take another file now. */
  static final class FullException extends IOException {
    private static final long serialVersionUID = 1L;

    FullException(IOException cause) {
      super("The landing folder can't take a file: " + cause.getMessage(), cause);
    }
  }

  /** A body has more bytes than a file may have. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Landing.class);
  private static final Pattern UPLOADED = Pattern.compile("([0-9a-f]{64})-(.+)");
  private static final Duration ABANDONED = Duration.ofDays(1);
  private static final int BUFFER = 65_536;

  private final Path folder;
  private final Path uploads;
  private final String id;
  private final Set<Path> unreadable = new HashSet<>();
  private Set<Waiting> lastScan = new HashSet<>();

  /**
   * Makes the folder if it is not there.
   *
   * @throws UncheckedIOException if it can't be used
   */
  static Landing open(Path folder) {
    try {
      return new Landing(folder.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The landing folder %s can't be used; correct millrace.ingest.landing".formatted(folder),
          e);
    }
  }

  private Landing(Path folder) throws IOException {
    this.folder = folder;
    this.uploads = Files.createDirectories(folder.resolve(".uploads"));
    Path idFile = folder.resolve(".id");
    if (Files.notExists(idFile)) {
      Path part = uploads.resolve(UUID.randomUUID() + ".part");
      Files.writeString(part, UUID.randomUUID().toString(), US_ASCII);
      Files.move(part, idFile, ATOMIC_MOVE);
    }
    this.id = Files.readString(idFile, US_ASCII).strip();
  }

  /** Names the folder, also after a restart and in another place. */
  String id() {
    return id;
  }

  /**
   * Writes a body into the folder, out of sight.
   *
   * @throws TooLargeException if it has more bytes
   * @throws FullException if it can't be written
   * @throws IOException if it can't be read
   */
  Received receive(InputStream body, long maxBytes) throws IOException {
    Path part = uploads.resolve(UUID.randomUUID() + ".part");
    boolean whole = false;
    try (FileChannel out = create(part)) {
      MessageDigest sha256 = Sha256.start();
      byte[] buffer = new byte[BUFFER];
      long bytes = 0;
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        bytes += n;
        if (bytes > maxBytes) {
          throw new TooLargeException();
        }
        sha256.update(buffer, 0, n);
        write(out, buffer, n);
      }
      out.force(true);
      whole = true;
      return new Received(part, HexFormat.of().formatHex(sha256.digest()), bytes);
    } finally {
      if (!whole) {
        Files.deleteIfExists(part);
      }
    }
  }

  private static FileChannel create(Path part) throws FullException {
    try {
      return FileChannel.open(part, CREATE_NEW, WRITE);
    } catch (IOException e) {
      throw new FullException(e);
    }
  }

  private static void write(FileChannel out, byte[] bytes, int length) throws FullException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    try {
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
    } catch (IOException e) {
      throw new FullException(e);
    }
  }

  long usableBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  void discard(Received received) throws IOException {
    Files.deleteIfExists(received.part());
  }

  /** From now on it waits. */
  Waiting accept(Received received, String source, String name) throws IOException {
    Path path =
        Files.createDirectories(folder.resolve(source)).resolve(received.sha256() + "-" + name);
    // Told as it is before the move: it may be taken at once, and be gone.
    BasicFileAttributes attributes =
        Files.readAttributes(received.part(), BasicFileAttributes.class);
    Files.move(received.part(), path, ATOMIC_MOVE);
    return waiting(path, attributes);
  }

  /** An uploaded file that waits. */
  Optional<Waiting> uploaded(String sha256) throws IOException {
    try (DirectoryStream<Path> sources =
        Files.newDirectoryStream(
            folder, path -> !isHidden(path) && Files.isDirectory(path, NOFOLLOW_LINKS))) {
      for (Path source : sources) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(source, sha256 + "-*")) {
          for (Path path : found) {
            return Optional.of(
                waiting(path, Files.readAttributes(path, BasicFileAttributes.class)));
          }
        }
      }
    } catch (NoSuchFileException e) {
      return Optional.empty(); // It was just taken.
    }
    return Optional.empty();
  }

  /** All files that wait and don't change any more, by source and name. */
  List<Waiting> complete() throws IOException {
    Set<Waiting> scan = new HashSet<>();
    List<Waiting> complete = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return !directory.equals(folder) && isHidden(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && !isHidden(file) && !isPart(file)) {
              Waiting waiting = waiting(file, attributes);
              scan.add(waiting);
              if (isUploaded(file) || lastScan.contains(waiting)) {
                complete.add(waiting);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(folder)) {
              throw e;
            }
            // No such file: taken away again by who had put it there. Others don't wait for it.
            if (!(e instanceof NoSuchFileException) && unreadable.add(file)) {
              LOG.warn("{} can't be read and is passed over: {}", file, e.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    lastScan = scan;
    complete.sort(Comparator.comparing(Waiting::path));
    return complete;
  }

  /**
   * Moves it to where files that were taken are kept.
   *
   * @return false if it has changed, or another one is there by now; that one stays and waits
   */
  boolean done(Waiting file) throws IOException {
    return moveTo(".done", file);
  }

  /** The same, to where files are kept that can't be taken. */
  boolean failed(Waiting file) throws IOException {
    return moveTo(".failed", file);
  }

  /** Deletes what was left of uploads when a process ended. */
  void clear(Instant now) throws IOException {
    try (Stream<Path> parts = Files.list(uploads)) {
      for (Path part : parts.toList()) {
        if (Files.getLastModifiedTime(part).toInstant().isBefore(now.minus(ABANDONED))) {
          Files.deleteIfExists(part);
        }
      }
    }
  }

  private boolean moveTo(String kept, Waiting file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file.path(), BasicFileAttributes.class);
    if (!waiting(file.path(), now).equals(file)) {
      return false;
    }
    Path target = folder.resolve(kept).resolve(folder.relativize(file.path()));
    Files.createDirectories(target.getParent());
    Files.move(file.path(), unused(target), ATOMIC_MOVE);
    return true;
  }

  /** Nothing that is kept gives way to another of its name. */
  private static Path unused(Path target) {
    Path free = target;
    for (int i = 1; Files.exists(free, NOFOLLOW_LINKS); i++) {
      free = target.resolveSibling(target.getFileName() + "." + i);
    }
    return free;
  }

  /** Of a file that lies in no folder the source is empty: no mapping is called so. */
  private Waiting waiting(Path path, BasicFileAttributes attributes) {
    Path relative = folder.relativize(path);
    int depth = relative.getNameCount();
    String source = depth == 1 ? "" : relative.getName(0).toString();
    String name = depth == 1 ? relative.toString() : relative.subpath(1, depth).toString();
    Matcher uploaded = UPLOADED.matcher(name);
    return new Waiting(
        path,
        source,
        uploaded.matches() ? uploaded.group(2) : name,
        attributes.size(),
        attributes.lastModifiedTime(),
        attributes.fileKey());
  }

  private static boolean isUploaded(Path file) {
    return UPLOADED.matcher(file.getFileName().toString()).matches();
  }

  private static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  private static boolean isPart(Path path) {
    return path.getFileName().toString().endsWith(".part");
  }
}

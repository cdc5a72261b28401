package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A landing folder on disk.
 *
 * <pre>
 * SOURCE/…          files of that source, uploaded or put there by others
 * .uploads/*.part   being uploaded
 * .done/SOURCE/…    all taken; nothing reads them any more
 * .failed/SOURCE/…  can't be taken
 * .id               names this folder for ever
 * </pre>
 */
final class LocalLanding implements Landing {

  /**
   * @param key tells it from another one that has taken its place; null if the file system can't
   */
  private record Version(FileTime modified, @Nullable Object key) {}

  private static final Logger LOG = LoggerFactory.getLogger(LocalLanding.class);
  private static final Pattern UPLOADED = Pattern.compile("[^/]+/[0-9a-f]{64}-([^/]+)");
  private static final Duration ABANDONED = Duration.ofDays(1);
  private static final int BUFFER = 65_536;

  /** Left to the rest of the machine. */
  private static final long SPARE_BYTES = 64 * 1_048_576;

  private final Path folder;
  private final Path uploads;
  private final String id;
  private final Set<Path> unreadable = new HashSet<>();

  /**
   * Makes the folder if it is not there.
   *
   * @throws UncheckedIOException if it can't be used
   */
  static LocalLanding open(Path folder) {
    try {
      return new LocalLanding(folder.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The landing folder %s can't be used; correct millrace.ingest.landing".formatted(folder),
          e);
    }
  }

  private LocalLanding(Path folder) throws IOException {
    this.folder = folder;
    this.uploads = Files.createDirectories(folder.resolve(".uploads"));
    this.id = id(folder.resolve(".id"));
    sync(folder);
  }

  /**
   * Reads the id, or makes one, behind a lock: of two processes that begin at once neither may go
   * on with an id that the other has replaced. What a killed one left half written is no id.
   */
  private static synchronized String id(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
        FileLock unused = channel.lock()) {
      ByteBuffer buffer = ByteBuffer.allocate(UUID.randomUUID().toString().length());
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
      if (buffer.hasRemaining()) {
        buffer = ByteBuffer.wrap(UUID.randomUUID().toString().getBytes(US_ASCII));
        channel.position(0);
        write(channel, buffer);
        channel.force(true);
      }
      return US_ASCII.decode(buffer.rewind()).toString();
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Upload receive(String source, String name, InputStream body, long maxBytes)
      throws IOException {
    Path part = uploads.resolve(UUID.randomUUID() + ".part");
    boolean whole = false;
    try (FileChannel out = create(part)) {
      UploadBody read = new UploadBody(body, maxBytes);
      byte[] buffer = new byte[BUFFER];
      for (int n = read.read(buffer); n >= 0; n = read.read(buffer)) {
        write(out, ByteBuffer.wrap(buffer, 0, n));
      }
      out.force(true);
      whole = true;
      return new Part(this, part, source, name, read.sha256(), read.bytes(), read.isGzip());
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

  private static void write(FileChannel out, ByteBuffer bytes) throws FullException {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw new FullException(e);
    }
  }

  private record Part(
      LocalLanding landing,
      Path path,
      String source,
      String name,
      String sha256,
      long bytes,
      boolean isGzip)
      implements Upload {

    @Override
    public Waiting accept() throws FullException {
      return landing.accept(this);
    }

    @Override
    public void discard() throws IOException {
      Files.deleteIfExists(path);
    }
  }

  private Waiting accept(Part part) throws FullException {
    try {
      Path source = Files.createDirectories(folder.resolve(part.source));
      Path target = source.resolve(part.sha256 + "-" + part.name);
      // Told as it is before the move: it may be taken at once, and be gone.
      Waiting accepted =
          waiting(target, Files.readAttributes(part.path, BasicFileAttributes.class));
      Files.move(part.path, target, ATOMIC_MOVE);
      sync(source);
      sync(folder);
      return accepted;
    } catch (IOException e) {
      throw new FullException(e);
    }
  }

  /** A new name in a folder is on disk only then. */
  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  @Override
  public boolean hasRoomFor(long bytes) throws IOException {
    return bytes + SPARE_BYTES <= Files.getFileStore(folder).getUsableSpace();
  }

  @Override
  public List<Waiting> uploaded(String sha256) throws IOException {
    List<Waiting> uploaded = new ArrayList<>();
    try (DirectoryStream<Path> sources =
        Files.newDirectoryStream(
            folder, path -> !isHidden(path) && Files.isDirectory(path, NOFOLLOW_LINKS))) {
      for (Path source : sources) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(source, sha256 + "-*")) {
          for (Path path : found) {
            uploaded.add(waiting(path, Files.readAttributes(path, BasicFileAttributes.class)));
          }
        } catch (NoSuchFileException e) {
          // It was just taken.
        }
      }
    }
    return uploaded;
  }

  @Override
  public List<Waiting> waiting() throws IOException {
    List<Waiting> waiting = new ArrayList<>();
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
            if (attributes.isRegularFile() && !isHidden(file)) {
              waiting.add(waiting(file, attributes));
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
    waiting.sort(Comparator.comparing(Waiting::path));
    return waiting;
  }

  @Override
  public InputStream open(Waiting file, long position) throws IOException {
    FileChannel channel = FileChannel.open(folder.resolve(file.path()), READ);
    return Channels.newInputStream(channel.position(position));
  }

  /** Moves it to {@code .done}. */
  @Override
  public boolean done(Waiting file) throws IOException {
    return moveTo(".done", file);
  }

  /** Moves it to {@code .failed}. */
  @Override
  public boolean failed(Waiting file) throws IOException {
    return moveTo(".failed", file);
  }

  @Override
  public void clear(Instant now) throws IOException {
    try (Stream<Path> parts = Files.list(uploads)) {
      for (Path part : parts.toList()) {
        try {
          if (Files.getLastModifiedTime(part).toInstant().isBefore(now.minus(ABANDONED))) {
            Files.deleteIfExists(part);
          }
        } catch (NoSuchFileException e) {
          // It was just accepted.
        }
      }
    }
  }

  private boolean moveTo(String kept, Waiting file) throws IOException {
    Path path = folder.resolve(file.path());
    try {
      if (!waiting(path, Files.readAttributes(path, BasicFileAttributes.class)).equals(file)) {
        return false;
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    Path target = folder.resolve(kept).resolve(file.path());
    Files.createDirectories(target.getParent());
    Files.move(path, unused(target), ATOMIC_MOVE);
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

  private Waiting waiting(Path file, BasicFileAttributes attributes) {
    String path = folder.relativize(file).toString();
    Version version = new Version(attributes.lastModifiedTime(), attributes.fileKey());
    Matcher uploaded = UPLOADED.matcher(path);
    return uploaded.matches()
        ? Waiting.uploaded(path, uploaded.group(1), attributes.size(), version)
        : Waiting.put(path, attributes.size(), version);
  }

  private static boolean isHidden(Path path) {
    return Waiting.isHidden(path.getFileName().toString());
  }
}

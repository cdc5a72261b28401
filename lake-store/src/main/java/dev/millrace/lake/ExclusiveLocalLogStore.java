package dev.millrace.lake;

import io.delta.storage.HadoopFileSystemLogStore;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;

/**
 * The log of a table on a local disk, to which several processes write.
 *
 * <p>A commit is written beside its place, forced to the disk, and hard-linked into place: exactly
 * one link succeeds, whoever tries. The stores that Delta comes with look first and rename then,
 * under a lock of one JVM, and two processes overwrite each other's commits.
 */
public final class ExclusiveLocalLogStore extends HadoopFileSystemLogStore {

  public ExclusiveLocalLogStore(Configuration configuration) {
    super(configuration);
  }

  /**
   * @throws java.nio.file.FileAlreadyExistsException if the file is there and may not be
   *     overwritten
   */
  @Override
  public void write(
      org.apache.hadoop.fs.Path path,
      Iterator<String> lines,
      Boolean overwrite,
      Configuration configuration)
      throws IOException {
    Path target = Path.of(path.toUri().getPath());
    Path fresh =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      writeForced(fresh, lines);
      // Another store may have left a checksum of what was here; it would condemn what is now.
      Files.deleteIfExists(target.resolveSibling("." + target.getFileName() + ".crc"));
      if (overwrite) {
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.createLink(target, fresh);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static void writeForced(Path file, Iterator<String> lines) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel))) {
      while (lines.hasNext()) {
        out.write((lines.next() + "\n").getBytes(StandardCharsets.UTF_8));
      }
      out.flush();
      channel.force(true);
    }
  }

  /** Kernel asks before it writes a checkpoint by itself, not through here: it shall rename. */
  @Override
  public Boolean isPartialWriteVisible(
      org.apache.hadoop.fs.Path path, Configuration configuration) {
    return true;
  }
}

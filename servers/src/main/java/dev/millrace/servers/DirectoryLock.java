package dev.millrace.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a directory to one user on this machine; the system releases it when the JVM ends. */
final class DirectoryLock implements AutoCloseable {

  // Asked before the file is opened again: whoever closes any handle of a locked file releases the
  // lock of the whole process.
  private static final Set<Path> LOCKED_BY_THIS_JVM = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  static DirectoryLock of(Path path) {
    try {
      Path directory = Files.createDirectories(path).toRealPath();
      if (!LOCKED_BY_THIS_JVM.add(directory)) {
        throw inUse(directory);
      }
      try {
        return new DirectoryLock(directory, locked(directory));
      } catch (IOException | RuntimeException e) {
        LOCKED_BY_THIS_JVM.remove(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot lock the directory " + path, e);
    }
  }

  private static FileChannel locked(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw inUse(directory);
    }
    return channel;
  }

  private static IllegalStateException inUse(Path directory) {
    return new IllegalStateException(
        "The directory " + directory + " is in use by a running server; stop it or choose another");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot release the lock of " + directory, e);
    } finally {
      LOCKED_BY_THIS_JVM.remove(directory);
    }
  }
}

package dev.millrace.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;

/**
 * The folder that files are taken from: below a folder that is called like its source a file lies
 * by any path. What begins with a dot or an underscore, or ends with {@code .part}, is never taken.
 */
interface Landing {

  /** A body that was received whole; out of sight until it is accepted. */
  interface Upload {

    String sha256();

    long bytes();

    boolean isGzip();

    /**
     * From now on it waits, whatever happens to the machine.
     *
     * @throws FullException if the folder can't take it
     */
    Waiting accept() throws IOException;

    void discard() throws IOException;
  }

  /** The folder can't take a file now: there is no room, or it is out of reach. */
  final class FullException extends IOException {
    private static final long serialVersionUID = 1L;

    FullException(IOException cause) {
      super("The landing folder can't take a file: " + cause.getMessage(), cause);
    }
  }

  /** A body has more bytes than a file may have. */
  final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Names the folder, also after a restart and in another place. */
  String id() throws IOException;

  /** All files that wait, those too that still change, by source and name. */
  List<Waiting> waiting() throws IOException;

  /** The file's bytes from that position on; fails if it has changed, where that can be told. */
  InputStream open(Waiting file, long position) throws IOException;

  /**
   * Keeps a file that was taken where it is looked at no more.
   *
   * @return false if it has changed, or another one is there by now; that one waits
   */
  boolean done(Waiting file) throws IOException;

  /** The same with a file that can't be taken. */
  boolean failed(Waiting file) throws IOException;

  /**
   * Writes a body into the folder.
   *
   * @param source that it will be read under
   * @param name that its records will bear
   * @throws TooLargeException if it has more bytes
   * @throws FullException if it can't be written
   * @throws IOException if it can't be read
   */
  Upload receive(String source, String name, InputStream body, long maxBytes) throws IOException;

  /** Uploaded files of that content which wait. */
  List<Waiting> uploaded(String sha256) throws IOException;

  /** Whether a file of that length can be received. */
  boolean hasRoomFor(long bytes) throws IOException;

  /** Deletes what was left of uploads long ago, when a process ended. */
  void clear(Instant now) throws IOException;
}

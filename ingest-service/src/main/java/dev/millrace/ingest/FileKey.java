package dev.millrace.ingest;

import dev.millrace.schema.FileMessage;

/**
 * What is taken once: a content, under a source's mapping, cut in one way. The same bytes under
 * another source are other events.
 *
 * @param format a {@link FileFormat}'s word; empty if it can't be told
 */
record FileKey(String sha256, String source, String format) {

  private static final String SEPARATOR = "/";

  static FileKey of(FileMessage progress) {
    return new FileKey(progress.getSha256(), progress.getSource(), progress.getFormat());
  }

  /** What the keys of all takings of that content begin with. */
  static String prefix(String sha256) {
    return sha256 + SEPARATOR;
  }

  /** The record's key on the topic. */
  @Override
  public String toString() {
    return prefix(sha256) + source + SEPARATOR + format;
  }
}

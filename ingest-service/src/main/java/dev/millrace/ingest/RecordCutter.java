package dev.millrace.ingest;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Cuts a file into records. It can be begun wherever a record ended. */
interface RecordCutter {

  /**
   * The next record; null behind the last.
   *
   * @throws UnreadableFileException if what follows can't be cut
   */
  @Nullable FileRecord next() throws IOException;
}

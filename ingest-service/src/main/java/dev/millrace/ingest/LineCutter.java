package dev.millrace.ingest;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A record is a line; blank ones are passed over. */
final class LineCutter implements RecordCutter {

  private final FileBytes bytes;

  LineCutter(FileBytes bytes) {
    this.bytes = bytes;
  }

  @Override
  public @Nullable FileRecord next() throws IOException {
    while (bytes.peek(0) != FileBytes.END) {
      FileRecord line = bytes.line();
      if (!line.isBlank()) {
        return line;
      }
    }
    return null;
  }
}

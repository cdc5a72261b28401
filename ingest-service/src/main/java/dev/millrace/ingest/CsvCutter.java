package dev.millrace.ingest;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A record is a line, or several if a quoted field goes over line ends, as RFC 4180 says. Where the
 * quotes are not as it says, a record is its first line alone, so that a quote that was never
 * closed costs one record and not the rest of the file.
 *
 * <p>Takes time in proportion to the file, whatever is in it: by the rules, a line that leaves a
 * field open has an odd number of quotes, and so closes the field that an earlier one left open. No
 * line is therefore looked through for more than one record in vain.
 */
final class CsvCutter implements RecordCutter {

  private static final int NOT_BY_THE_RULES = -1;

  private final FileBytes bytes;

  CsvCutter(FileBytes bytes) {
    this.bytes = bytes;
  }

  @Override
  public @Nullable FileRecord next() throws IOException {
    while (bytes.peek(0) != FileBytes.END) {
      int recordEnd = recordEnd();
      FileRecord record = recordEnd == NOT_BY_THE_RULES ? bytes.line() : bytes.upTo(recordEnd);
      if (!record.isBlank()) {
        return record;
      }
    }
    return null;
  }

  /** The distance to the line end that ends the record. */
  private int recordEnd() throws IOException {
    int at = 0;
    while (at != NOT_BY_THE_RULES) {
      int fieldEnd = bytes.peek(at) == '"' ? quotedFieldEnd(at) : plainFieldEnd(at);
      if (fieldEnd == NOT_BY_THE_RULES || bytes.peek(fieldEnd) != ',') {
        return fieldEnd;
      }
      at = fieldEnd + 1 < FileBytes.REACH ? fieldEnd + 1 : NOT_BY_THE_RULES;
    }
    return NOT_BY_THE_RULES;
  }

  private int plainFieldEnd(int begin) throws IOException {
    for (int at = begin; at < FileBytes.REACH; at++) {
      int b = bytes.peek(at);
      if (b == ',' || b == '\n' || b == FileBytes.END) {
        return at;
      }
      if (b == '"') {
        return NOT_BY_THE_RULES;
      }
    }
    return NOT_BY_THE_RULES;
  }

  private int quotedFieldEnd(int begin) throws IOException {
    for (int at = begin + 1; at < FileBytes.REACH - 2; at++) {
      int b = bytes.peek(at);
      if (b == FileBytes.END) {
        return NOT_BY_THE_RULES;
      }
      if (b == '"' && bytes.peek(at + 1) == '"') {
        at++;
      } else if (b == '"') {
        int behind = at + 1;
        int next = bytes.peek(behind);
        if (next == '\r' && bytes.peek(behind + 1) == '\n') {
          return behind + 1;
        }
        return next == ',' || next == '\n' || next == FileBytes.END ? behind : NOT_BY_THE_RULES;
      }
    }
    return NOT_BY_THE_RULES;
  }
}

package dev.millrace.ingest;

/**
 * One record of a file.
 *
 * @param payload its bytes, untouched and without the line end; of a record longer than a payload
 *     may be, just so much that it is refused as too large
 * @param line on which it begins; the first is 1
 * @param position of its first byte in the inflated file; names it in its file
 */
@SuppressWarnings("ArrayRecordComponent") // carried on, never compared
record FileRecord(byte[] payload, long line, long position) {

  boolean isBlank() {
    for (byte b : payload) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}

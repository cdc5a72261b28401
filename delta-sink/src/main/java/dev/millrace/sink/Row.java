package dev.millrace.sink;

import dev.millrace.schemas.table.Entries;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record that waits for its table.
 *
 * @param values in the order of the shape's columns
 */
record Row(SinkRecord record, RowShape shape, @Nullable Object[] values) {

  private static final int REFERENCES = 400;

  /** About how much of the heap it holds, in bytes. */
  long heapBytes() {
    int value = record.value() instanceof byte[] bytes ? bytes.length : 0;
    return REFERENCES + value + heapBytes(values);
  }

  private static long heapBytes(@Nullable Object value) {
    if (value == null) {
      return 0;
    }
    if (value instanceof String text) {
      return 56 + text.length();
    }
    if (value instanceof byte[] bytes) {
      return 16 + bytes.length;
    }
    if (value instanceof Entries entries) {
      return 24 + heapBytes(entries.keys()) + heapBytes(entries.values());
    }
    if (value instanceof Object[] values) {
      long sum = 16 + 8L * values.length;
      for (Object each : values) {
        sum += heapBytes(each);
      }
      return sum;
    }
    return 24;
  }
}

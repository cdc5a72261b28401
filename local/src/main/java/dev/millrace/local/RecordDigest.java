package dev.millrace.local;

import dev.millrace.core.CanonicalHash;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Names what a record says: its key and every field of its message. Left out is what two runs over
 * one log may have different: the record's place, time and headers and the id of its schema, and
 * fields that are as their schema's default has them, so that a field more changes nothing.
 */
final class RecordDigest {

  private RecordDigest() {}

  /** SHA-256 of the key and the message. */
  static byte[] of(byte @Nullable [] key, IndexedRecord message) {
    return bytes(CanonicalHash.start().add(key).add(canonical(message)));
  }

  /** SHA-256 of the key and of bytes that are no message of ours. */
  static byte[] ofBytes(byte @Nullable [] key, byte @Nullable [] value) {
    return bytes(CanonicalHash.start().add(key).add(value));
  }

  private static byte[] bytes(CanonicalHash hash) {
    return HexFormat.of().parseHex(hash.hex());
  }

  private static List<@Nullable Object> canonical(IndexedRecord message) {
    List<@Nullable Object> fields = new ArrayList<>();
    for (Schema.Field field : message.getSchema().getFields()) {
      @Nullable Object value = message.get(field.pos());
      if (!field.hasDefaultValue() || !isNothing(value)) {
        fields.add(field.name());
        fields.add(canonical(value));
      }
    }
    return fields;
  }

  /** All defaults that there are: a field is added as null, or as an empty list or map. */
  private static boolean isNothing(@Nullable Object value) {
    return value == null
        || value instanceof Collection<?> items && items.isEmpty()
        || value instanceof Map<?, ?> map && map.isEmpty();
  }

  private static @Nullable Object canonical(@Nullable Object value) {
    if (value instanceof IndexedRecord nested) {
      return canonical(nested);
    } else if (value instanceof Collection<?> items) {
      List<@Nullable Object> list = new ArrayList<>();
      items.forEach(item -> list.add(canonical(item)));
      return list;
    } else if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> sorted = new TreeMap<>();
      map.forEach((name, item) -> sorted.put(name.toString(), canonical(item)));
      List<@Nullable Object> list = new ArrayList<>();
      sorted.forEach((name, item) -> list.addAll(Arrays.asList(name, item)));
      return list;
    } else if (value instanceof CharSequence || value instanceof Enum<?>) {
      return value.toString();
    } else if (value instanceof LocalDate date) {
      return date.toEpochDay();
    } else if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return value;
  }
}

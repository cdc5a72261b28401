package dev.millrace.batch;

import dev.millrace.core.CanonicalHash;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** Names the values of a row, by SHA-256: equal for equal values, however they are kept. */
final class RowDigest {

  private RowDigest() {}

  /**
   * @param places of the columns that count, in their order
   */
  static String of(Row row, int[] places) {
    CanonicalHash hash = CanonicalHash.start();
    for (int place : places) {
      hash.add(canonical(row.get(place)));
    }
    return hash.hex();
  }

  /** As {@link CanonicalHash} takes it. */
  static @Nullable Object canonical(@Nullable Object value) {
    if (value instanceof Row row) {
      List<@Nullable Object> fields = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        fields.add(canonical(row.get(i)));
      }
      return fields;
    }
    if (value instanceof scala.collection.Seq<?> list) {
      return canonical(CollectionConverters.asJava(list));
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
      CollectionConverters.asJava(map).forEach((key, v) -> sorted.put((String) key, v));
      List<@Nullable Object> entries = new ArrayList<>();
      sorted.forEach((key, v) -> entries.add(Arrays.asList(key, canonical(v))));
      return entries;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> elements = new ArrayList<>();
      for (Object element : list) {
        elements.add(canonical(element));
      }
      return elements;
    }
    if (value instanceof LocalDate date) {
      return date.toEpochDay();
    }
    if (value instanceof Instant
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Double
        || value instanceof Boolean
        || value instanceof String
        || value instanceof byte[]
        || value == null) {
      return value;
    }
    throw new IllegalArgumentException("No column of ours holds a " + value.getClass().getName());
  }
}

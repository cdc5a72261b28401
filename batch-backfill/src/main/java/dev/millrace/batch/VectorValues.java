package dev.millrace.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** A vector's values, of the column that has a field for each type. */
final class VectorValues {

  private VectorValues() {}

  static List<@Nullable Object> of(List<?> column) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Object value : column) {
      values.add(value == null ? null : value((Row) value));
    }
    return values;
  }

  /** The field that is set. */
  private static @Nullable Object value(Row union) {
    for (int i = 0; i < union.size(); i++) {
      if (!union.isNullAt(i)) {
        Object value = union.get(i);
        return value instanceof scala.collection.Seq<?> ? of(union.getList(i)) : value;
      }
    }
    return null;
  }

  /** Places at which the two differ. */
  static List<Integer> differing(List<@Nullable Object> one, List<@Nullable Object> other) {
    List<Integer> differing = new ArrayList<>();
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      if (!Objects.equals(at(one, i), at(other, i))) {
        differing.add(i);
      }
    }
    return differing;
  }

  static @Nullable Object at(List<@Nullable Object> values, int place) {
    return place < values.size() ? values.get(place) : null;
  }

  static String name(List<String> names, int place) {
    return place < names.size() ? names.get(place) : "value " + place;
  }
}

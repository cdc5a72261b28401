package dev.millrace.benchmarks.sidebyside;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Things by name, in the order in which they were put. */
final class ByName<T> {

  private final Map<String, T> things = new LinkedHashMap<>();

  void put(String name, T thing) {
    things.put(name, thing);
  }

  /**
   * The thing of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  T get(String name) {
    @Nullable T thing = things.get(name);
    if (thing == null) {
      throw new IllegalArgumentException(
          "There is no %s, only %s".formatted(name, things.keySet()));
    }
    return thing;
  }

  Set<String> names() {
    return things.keySet();
  }

  void forEach(BiConsumer<String, T> action) {
    things.forEach(action);
  }
}

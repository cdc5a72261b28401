package dev.millrace.schemas;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a mapping reads of a payload, as a tree of member names and array positions. */
final class ReadPaths {

  private final Map<String, ReadPaths> inside = new HashMap<>();
  private boolean whole;

  private ReadPaths() {}

  static ReadPaths of(SourceMapping mapping) {
    ReadPaths root = new ReadPaths();
    Stream.concat(mapping.fields().values().stream(), mapping.attributes().values().stream())
        .forEach(root::add);
    return root;
  }

  private void add(SourceMapping.Rule rule) {
    if (rule.from() == null) {
      return;
    }
    ReadPaths place = this;
    if (rule.path() == null) {
      place = place.enter(rule.from());
    } else {
      for (JsonPointer at = rule.path(); !at.matches(); at = at.tail()) {
        place = place.enter(at.getMatchingProperty());
      }
    }
    place.whole = true;
  }

  private ReadPaths enter(String name) {
    return inside.computeIfAbsent(name, n -> new ReadPaths());
  }

  /** A rule reads what stands here; nothing of it is left. */
  boolean isWhole() {
    return whole;
  }

  /** What is read inside the member; null if nothing is. */
  @Nullable ReadPaths inside(String name) {
    return inside.get(name);
  }
}

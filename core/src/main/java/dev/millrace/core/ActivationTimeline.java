package dev.millrace.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which artifact decided what, at every place of the activation log. One thread adds; any may read.
 */
public final class ActivationTimeline {

  /** Offset for "before the first activation". */
  public static final long NONE = -1;

  private record Subject(String kind, String name) implements Comparable<Subject> {
    @Override
    public int compareTo(Subject other) {
      int byKind = kind.compareTo(other.kind);
      return byKind != 0 ? byKind : name.compareTo(other.name);
    }
  }

  private final ConcurrentSkipListMap<Subject, NavigableMap<Long, Activation>> history =
      new ConcurrentSkipListMap<>();

  public void add(long offset, Activation activation) {
    history
        .computeIfAbsent(
            new Subject(activation.kind(), activation.name()), s -> new ConcurrentSkipListMap<>())
        .put(offset, activation);
  }

  /** The artifact in force for an event that carries the offset. */
  public Optional<Activation> active(String kind, String name, long offset) {
    NavigableMap<Long, Activation> changes = history.get(new Subject(kind, name));
    return changes == null
        ? Optional.empty()
        : Optional.ofNullable(changes.floorEntry(offset)).map(Map.Entry::getValue);
  }

  /** All artifacts of a kind in force at the offset, by name. */
  public List<Activation> active(String kind, long offset) {
    List<Activation> active = new ArrayList<>();
    history
        .tailMap(new Subject(kind, ""))
        .forEach(
            (subject, changes) -> {
              Map.Entry<Long, Activation> change = changes.floorEntry(offset);
              if (subject.kind().equals(kind) && change != null) {
                active.add(change.getValue());
              }
            });
    return active;
  }
}

package dev.millrace.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which artifact decided what, at every place of the activation log. A version of a kind and name
 * is one artifact for ever: the first that the log names it with. One thread adds; any may read.
 */
public final class ActivationTimeline {

  /** Offset for "before the first activation". */
  public static final long NONE = -1;

  private record Subject(String kind, String name, String role) implements Comparable<Subject> {

    private static final Comparator<Subject> ORDER =
        Comparator.comparing(Subject::kind)
            .thenComparing(Subject::name)
            .thenComparing(Subject::role);

    @Override
    public int compareTo(Subject other) {
      return ORDER.compare(this, other);
    }
  }

  private final ConcurrentSkipListMap<Subject, NavigableMap<Long, Activation>> history =
      new ConcurrentSkipListMap<>();

  /** By {@link Activation#key()}, whatever the role; only the thread that adds uses it. */
  private final Map<String, String> sha256ByVersion = new TreeMap<>();

  private final NavigableMap<Long, Activation> firsts = new ConcurrentSkipListMap<>();

  /**
   * Adds a record of the log; offsets grow.
   *
   * @throws IllegalArgumentException if its version was another artifact before; it changes nothing
   *     then, for every reader of the log alike
   */
  public void add(long offset, Activation activation) {
    String first = sha256ByVersion.putIfAbsent(activation.key(), activation.sha256());
    if (first != null && !first.equals(activation.sha256())) {
      throw new IllegalArgumentException(
          "%s at offset %d is artifact %s, and was %s before; a changed artifact is a new version"
              .formatted(activation.key(), offset, activation.sha256(), first));
    }
    if (first == null) {
      firsts.put(offset, activation);
    }
    history
        .computeIfAbsent(
            new Subject(activation.kind(), activation.name(), activation.role()),
            s -> new ConcurrentSkipListMap<>())
        .put(offset, activation);
  }

  /** The champion in force for an event that carries the offset. */
  public Optional<Activation> active(String kind, String name, long offset) {
    NavigableMap<Long, Activation> changes =
        history.get(new Subject(kind, name, Activation.CHAMPION));
    return changes == null ? Optional.empty() : inForce(changes, offset);
  }

  /** All artifacts of a kind in force at the offset, by name and role. */
  public List<Activation> active(String kind, long offset) {
    List<Activation> active = new ArrayList<>();
    history
        .tailMap(new Subject(kind, "", ""))
        .forEach(
            (subject, changes) -> {
              if (subject.kind().equals(kind)) {
                inForce(changes, offset).ifPresent(active::add);
              }
            });
    return active;
  }

  /**
   * The first activation of each version, by its offset, which names the artifact for ever; goes on
   * growing.
   */
  public SortedMap<Long, Activation> firstActivations() {
    return Collections.unmodifiableSortedMap(firsts);
  }

  private static Optional<Activation> inForce(NavigableMap<Long, Activation> changes, long offset) {
    return Optional.ofNullable(changes.floorEntry(offset))
        .map(Map.Entry::getValue)
        .filter(activation -> !activation.withdrawn());
  }
}

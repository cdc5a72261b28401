package dev.millrace.core.cleansing;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one user: the ids that tell the first of an event from its duplicates, and
 * what the user's values were like. Only {@link #apply} changes it.
 *
 * <p>Forty bytes an id, in one array, because there are many users and most have few ids.
 */
public final class UserLedger {

  /**
   * The first event of an id.
   *
   * @param eventTime microseconds
   * @param content digest of what the event said; 64 bits, since it is compared with one other only
   */
  public record Seen(long eventTime, long content, Origin origin) {}

  /**
   * What accepting one event changes.
   *
   * @param id of the event
   * @param forgetTo ids of events at or before this time are forgotten, microseconds; null = none
   * @param values of the event that the user's profile learns, by field
   * @param unlearn fields whose values are asked for no more
   */
  public record Change(
      Digest128 id,
      Seen seen,
      @Nullable Long forgetTo,
      SortedMap<String, Long> values,
      List<String> unlearn) {

    public Change {
      values = Collections.unmodifiableSortedMap(values);
      unlearn = List.copyOf(unlearn);
    }
  }

  /** A partition of a log; a user's events come from one, unless the log was made again. */
  record Log(String topicId, int partition) {}

  /** An id and the first event of it, without an object for either. */
  interface EntryVisitor {
    void visit(long idHigh, long idLow, long content, long eventTime, int log, long offset);
  }

  /** Id (two), content, event time, and the origin: log in 16 bits, offset in 48. */
  private static final int STRIDE = 5;

  private static final int CONTENT = 2;
  private static final int TIME = 3;
  private static final int ORIGIN = 4;
  private static final int OFFSET_BITS = 48;
  private static final long OFFSETS = (1L << OFFSET_BITS) - 1;
  private static final int LOGS = 1 << 16;

  /** So few are looked through faster than an index. */
  private static final int UNINDEXED = 32;

  private static final long[] NONE = {};

  private long watermark = Long.MIN_VALUE;
  private long floor = Long.MIN_VALUE;
  private long sweptAt = Long.MIN_VALUE;
  private long[] entries = NONE;
  private int size;
  // The first log stands here and not in an object of its own, which most users would pay for.
  private @Nullable String topicId;
  private int partition;
  private @Nullable List<Log> otherLogs;
  private @Nullable LedgerIndex index;
  private @Nullable TreeMap<String, RunningStats> profile;

  /** Of a user never seen. */
  public UserLedger() {}

  /** Still without ids, which a codec adds. */
  UserLedger(long watermark, long floor, long sweptAt) {
    this.watermark = watermark;
    this.floor = floor;
    this.sweptAt = sweptAt;
  }

  /** No event of the user was ever accepted. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Number of ids. */
  public int size() {
    return size;
  }

  /** Greatest event time among the user's clean events, microseconds; least long if none. */
  public long watermark() {
    return watermark;
  }

  /**
   * Events at or before this time are refused, because ids that old were forgotten; microseconds,
   * least long if none.
   */
  public long floor() {
    return floor;
  }

  /** Watermark at the last sweep, microseconds; least long if none. */
  long sweptAt() {
    return sweptAt;
  }

  /** What the user's values of that field were like. */
  RunningStats profile(String field) {
    RunningStats known = profile == null ? null : profile.get(field);
    return known == null ? RunningStats.NONE : known;
  }

  /** In the order of their names. */
  SortedMap<String, RunningStats> profile() {
    return profile == null ? Collections.emptySortedMap() : profile;
  }

  public @Nullable Seen find(Digest128 id) {
    int entry = entryOf(id);
    return entry < 0 ? null : seen(entry);
  }

  /** Every remembered id, in the order in which they came. */
  public void forEach(BiConsumer<Digest128, Seen> action) {
    for (int entry = 0; entry < size; entry++) {
      action.accept(id(entry), seen(entry));
    }
  }

  void forEachEntry(EntryVisitor visitor) {
    for (int at = 0; at < size * STRIDE; at += STRIDE) {
      long origin = entries[at + ORIGIN];
      visitor.visit(
          entries[at],
          entries[at + 1],
          entries[at + CONTENT],
          entries[at + TIME],
          (int) (origin >>> OFFSET_BITS),
          origin & OFFSETS);
    }
  }

  /** Event times of all ids but one, oldest first. */
  long[] sortedTimesWithout(Digest128 id) {
    long[] times = new long[size];
    int count = 0;
    int left = entryOf(id);
    for (int entry = 0; entry < size; entry++) {
      if (entry != left) {
        times[count++] = entries[entry * STRIDE + TIME];
      }
    }
    long[] sorted = Arrays.copyOf(times, count);
    Arrays.sort(sorted);
    return sorted;
  }

  public void apply(Change change) {
    Seen seen = change.seen();
    boolean first = isEmpty();
    watermark = Math.max(watermark, seen.eventTime());
    int known = entryOf(change.id());
    int entry = known < 0 ? append(change.id()) : known;
    entries[entry * STRIDE + CONTENT] = seen.content();
    entries[entry * STRIDE + TIME] = seen.eventTime();
    entries[entry * STRIDE + ORIGIN] = pack(seen.origin());
    Long forgetTo = change.forgetTo();
    if (forgetTo != null) {
      forget(forgetTo, entry);
    }
    if (first || forgetTo != null) {
      sweptAt = watermark;
    }
    learn(change);
  }

  private void learn(Change change) {
    if (profile != null) {
      change.unlearn().forEach(profile::remove);
    }
    if (change.values().isEmpty()) {
      return;
    }
    if (profile == null) {
      profile = new TreeMap<>();
    }
    for (var value : change.values().entrySet()) {
      profile.computeIfAbsent(value.getKey(), field -> new RunningStats()).add(value.getValue());
    }
  }

  void putProfile(String field, RunningStats stats) {
    if (profile == null) {
      profile = new TreeMap<>();
    }
    profile.put(field, stats);
  }

  void reserve(int ids) {
    entries = Arrays.copyOf(entries, ids * STRIDE);
  }

  /** Whether the id is a new one and the offset one that can be. */
  boolean restore(Digest128 id, long content, long eventTime, int logNumber, long offset) {
    if (entryOf(id) >= 0 || offset < 0 || offset > OFFSETS) {
      return false;
    }
    int entry = append(id);
    entries[entry * STRIDE + CONTENT] = content;
    entries[entry * STRIDE + TIME] = eventTime;
    entries[entry * STRIDE + ORIGIN] = (long) logNumber << OFFSET_BITS | offset;
    return true;
  }

  private int append(Digest128 id) {
    if (entries.length == size * STRIDE) {
      // Most users stay small, so little is held in reserve.
      entries = Arrays.copyOf(entries, (size + 1 + size / 16) * STRIDE);
    }
    entries[size * STRIDE] = id.high();
    entries[size * STRIDE + 1] = id.low();
    size++;
    if (index != null && index.hasRoom()) {
      index.add(size - 1, id.low());
    } else if (size > UNINDEXED) {
      index = indexed();
    }
    return size - 1;
  }

  private LedgerIndex indexed() {
    LedgerIndex all = new LedgerIndex(2 * size);
    for (int entry = 0; entry < size; entry++) {
      all.add(entry, entries[entry * STRIDE + 1]);
    }
    return all;
  }

  private int entryOf(Digest128 id) {
    if (index != null) {
      for (int slot = index.first(id.low()); index.entry(slot) >= 0; slot = index.next(slot)) {
        if (isAt(index.entry(slot), id)) {
          return index.entry(slot);
        }
      }
      return -1;
    }
    for (int entry = 0; entry < size; entry++) {
      if (isAt(entry, id)) {
        return entry;
      }
    }
    return -1;
  }

  private boolean isAt(int entry, Digest128 id) {
    return entries[entry * STRIDE + 1] == id.low() && entries[entry * STRIDE] == id.high();
  }

  /** What was forgotten can't be told from a duplicate, whatever a later contract allows. */
  private void forget(long upTo, int but) {
    int kept = 0;
    for (int entry = 0; entry < size; entry++) {
      long time = entries[entry * STRIDE + TIME];
      if (time <= upTo && entry != but) {
        floor = Math.max(floor, time);
      } else {
        System.arraycopy(entries, entry * STRIDE, entries, kept * STRIDE, STRIDE);
        kept++;
      }
    }
    if (kept < size) {
      size = kept;
      entries = Arrays.copyOf(entries, size * STRIDE);
      index = size > UNINDEXED ? indexed() : null;
    }
  }

  private Digest128 id(int entry) {
    return new Digest128(entries[entry * STRIDE], entries[entry * STRIDE + 1]);
  }

  private Seen seen(int entry) {
    long origin = entries[entry * STRIDE + ORIGIN];
    Log from = log((int) (origin >>> OFFSET_BITS));
    return new Seen(
        entries[entry * STRIDE + TIME],
        entries[entry * STRIDE + CONTENT],
        new Origin(from.topicId(), from.partition(), origin & OFFSETS));
  }

  private long pack(Origin origin) {
    if (origin.offset() < 0 || origin.offset() > OFFSETS) {
      throw new IllegalArgumentException("Offsets go from 0 to 2^48, and not to that of " + origin);
    }
    return (long) logNumber(origin) << OFFSET_BITS | origin.offset();
  }

  private int logNumber(Origin origin) {
    for (int number = 0; number < logCount(); number++) {
      Log known = log(number);
      if (known.partition() == origin.partition() && known.topicId().equals(origin.topicId())) {
        return number;
      }
    }
    return addLog(new Log(origin.topicId(), origin.partition()));
  }

  int addLog(Log added) {
    if (logCount() == LOGS) {
      throw new IllegalStateException("One user's events can't come from more than 65536 logs");
    }
    if (topicId == null) {
      topicId = added.topicId();
      partition = added.partition();
    } else {
      if (otherLogs == null) {
        otherLogs = new ArrayList<>(1);
      }
      otherLogs.add(added);
    }
    return logCount() - 1;
  }

  int logCount() {
    return topicId == null ? 0 : otherLogs == null ? 1 : 1 + otherLogs.size();
  }

  Log log(int number) {
    String first = topicId;
    List<Log> others = otherLogs;
    if (number == 0 && first != null) {
      return new Log(first, partition);
    }
    if (others == null) {
      throw new IllegalStateException("There is no log " + number);
    }
    return others.get(number - 1);
  }
}

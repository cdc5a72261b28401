package dev.millrace.core;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A ledger in a map. */
final class MapLedger implements UserLedger {

  private @Nullable Head head;
  private final Map<Digest128, Seen> seen = new HashMap<>();

  @Override
  public @Nullable Head head() {
    return head;
  }

  @Override
  public @Nullable Seen find(Digest128 eventId) {
    return seen.get(eventId);
  }

  @Override
  public void forEach(BiConsumer<Digest128, Seen> action) {
    seen.forEach(action);
  }

  @Override
  public void apply(Change change) {
    head = change.head();
    change.forget().forEach(seen::remove);
    seen.put(change.remember(), change.seen());
  }

  int size() {
    return seen.size();
  }
}

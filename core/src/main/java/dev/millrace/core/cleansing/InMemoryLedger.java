package dev.millrace.core.cleansing;

import dev.millrace.core.Digest128;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A ledger that lives as long as this object. */
public final class InMemoryLedger implements UserLedger {

  private final Map<Digest128, Seen> seen = new TreeMap<>();
  private @Nullable Head head;

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
}

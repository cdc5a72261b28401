package dev.millrace.core.cleansing;

import dev.millrace.core.Arrival;
import dev.millrace.core.Digest128;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Hosts the fold of one user as an engine does: decide, then write what changed. */
final class Host {

  private InMemoryLedger ledger = new InMemoryLedger();

  Outcome host(Cleansing cleansing, Arrival arrival) {
    Outcome outcome = cleansing.clean(ledger, arrival);
    if (outcome instanceof Accepted accepted) {
      ledger.apply(accepted.change());
    }
    return outcome;
  }

  InMemoryLedger ledger() {
    return ledger;
  }

  int size() {
    return entries().size();
  }

  /** Forgets everything but the bytes that a store would hold. */
  void restart() {
    if (ledger.head() == null) {
      return;
    }
    byte[] head = LedgerCodec.write(ledger.head());
    Map<Digest128, byte[]> entries = new TreeMap<>();
    ledger.forEach((id, seen) -> entries.put(id, LedgerCodec.write(seen)));
    ledger = new InMemoryLedger();
    entries.forEach(
        (id, seen) ->
            ledger.apply(
                new UserLedger.Change(
                    LedgerCodec.head(head), id, LedgerCodec.seen(seen), List.of())));
  }

  Map<Digest128, UserLedger.Seen> entries() {
    Map<Digest128, UserLedger.Seen> entries = new TreeMap<>();
    ledger.forEach(entries::put);
    return entries;
  }
}

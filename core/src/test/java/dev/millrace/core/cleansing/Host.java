package dev.millrace.core.cleansing;

import dev.millrace.core.Arrival;
import dev.millrace.core.Digest128;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Hosts the fold of one user as an engine does: decide, then write what changed. */
final class Host {

  private static final int CHANGES_KEPT = 15;

  private final LedgerCodec codec = new LedgerCodec();
  private final List<byte[]> changes = new ArrayList<>();
  private UserLedger ledger = codec.start();
  private byte[] whole;

  Outcome host(Cleansing cleansing, Arrival arrival) {
    Outcome outcome = cleansing.clean(ledger, arrival);
    if (outcome instanceof Accepted accepted) {
      codec.apply(ledger, accepted.change());
      write(accepted.change());
    }
    return outcome;
  }

  private void write(UserLedger.Change change) {
    StateOutput out = new StateOutput(0);
    if (changes.size() == CHANGES_KEPT) {
      codec.write(ledger, out);
      whole = out.toBytes();
      changes.clear();
    } else {
      codec.writeChange(change, out);
      changes.add(out.toBytes());
    }
  }

  UserLedger ledger() {
    return ledger;
  }

  int size() {
    return entries().size();
  }

  /** Forgets everything but the bytes that a store would hold. */
  void restart() {
    ledger = whole == null ? codec.start() : codec.read(new StateInput(whole, "A ledger"));
    changes.forEach(
        change -> codec.apply(ledger, codec.readChange(new StateInput(change, "A change"))));
  }

  byte[] bytes() {
    StateOutput out = new StateOutput(0);
    codec.write(ledger, out);
    return out.toBytes();
  }

  Map<Digest128, UserLedger.Seen> entries() {
    Map<Digest128, UserLedger.Seen> entries = new TreeMap<>();
    ledger.forEach(entries::put);
    return entries;
  }
}

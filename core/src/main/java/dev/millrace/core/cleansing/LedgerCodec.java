package dev.millrace.core.cleansing;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.UserLedger.Change;
import dev.millrace.core.cleansing.UserLedger.Log;
import dev.millrace.core.cleansing.UserLedger.Seen;
import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A ledger and its changes in bytes. */
public final class LedgerCodec implements StateCodec<UserLedger, Change> {

  private static final int FORMAT = 3;

  /** Id, content, and at least one byte each of event time, log and offset. */
  private static final int LEAST_ENTRY_BYTES = 3 * Long.BYTES + 3;

  private static final int NOTHING_FORGOTTEN = 0;
  private static final int FORGOTTEN = 1;

  @Override
  public UserLedger start() {
    return new UserLedger();
  }

  @Override
  public void apply(UserLedger ledger, Change change) {
    ledger.apply(change);
  }

  @Override
  public void write(UserLedger ledger, StateOutput out) {
    out.putByte(FORMAT)
        .putLong(ledger.watermark())
        .putLong(ledger.floor())
        .putLong(ledger.sweptAt())
        .putCount(ledger.logCount());
    for (int number = 0; number < ledger.logCount(); number++) {
      Log log = ledger.log(number);
      out.putText(log.topicId()).putCount(log.partition());
    }
    out.putCount(ledger.size());
    ledger.forEachEntry(
        (idHigh, idLow, content, eventTime, log, offset) ->
            // Times lie close behind the watermark.
            out.putLong(idHigh)
                .putLong(idLow)
                .putLong(content)
                .putSigned(ledger.watermark() - eventTime)
                .putCount(log)
                .putCount(offset));
    out.putCount(ledger.profile().size());
    ledger.profile().forEach((field, stats) -> write(field, stats, out));
  }

  @Override
  public UserLedger read(StateInput in) {
    in.requireFormat(FORMAT);
    long watermark = in.getLong();
    UserLedger ledger = new UserLedger(watermark, in.getLong(), in.getLong());
    for (int logs = in.getSize(2); logs > 0; logs--) {
      // The same few topics for every user.
      ledger.addLog(new Log(in.getText().intern(), (int) in.getCount()));
    }
    int size = in.getSize(LEAST_ENTRY_BYTES);
    ledger.reserve(size);
    for (; size > 0; size--) {
      Digest128 id = new Digest128(in.getLong(), in.getLong());
      long content = in.getLong();
      long eventTime = watermark - in.getSigned();
      int log = (int) in.getCount();
      long offset = in.getCount();
      if (log < 0
          || log >= ledger.logCount()
          || !ledger.restore(id, content, eventTime, log, offset)) {
        throw in.damaged();
      }
    }
    for (int fields = in.getSize(2); fields > 0; fields--) {
      ledger.putProfile(in.getText(), stats(in));
    }
    in.requireEnd();
    return ledger;
  }

  @Override
  public void writeChange(Change change, StateOutput out) {
    Seen seen = change.seen();
    Long forgetTo = change.forgetTo();
    out.putByte(FORMAT)
        .putLong(change.id().high())
        .putLong(change.id().low())
        .putLong(seen.content())
        .putLong(seen.eventTime())
        .putText(seen.origin().topicId())
        .putCount(seen.origin().partition())
        .putCount(seen.origin().offset())
        .putByte(forgetTo == null ? NOTHING_FORGOTTEN : FORGOTTEN);
    if (forgetTo != null) {
      out.putLong(forgetTo);
    }
    out.putCount(change.values().size());
    change.values().forEach((field, value) -> out.putText(field).putSigned(value));
    out.putCount(change.unlearn().size());
    change.unlearn().forEach(out::putText);
  }

  @Override
  public Change readChange(StateInput in) {
    in.requireFormat(FORMAT);
    Digest128 id = new Digest128(in.getLong(), in.getLong());
    long content = in.getLong();
    long eventTime = in.getLong();
    Origin origin = new Origin(in.getText().intern(), (int) in.getCount(), in.getCount());
    @Nullable Long forgetTo = in.getByte() == FORGOTTEN ? (Long) in.getLong() : null;
    SortedMap<String, Long> values = new TreeMap<>();
    for (int count = in.getSize(2); count > 0; count--) {
      values.put(in.getText(), in.getSigned());
    }
    List<String> unlearn = new ArrayList<>();
    for (int count = in.getSize(1); count > 0; count--) {
      unlearn.add(in.getText());
    }
    in.requireEnd();
    return new Change(id, new Seen(eventTime, content, origin), forgetTo, values, unlearn);
  }

  private static void write(String field, RunningStats stats, StateOutput out) {
    out.putText(field).putCount(stats.count());
    for (long word : stats.sums()) {
      out.putLong(word);
    }
    short[] buckets = stats.buckets();
    long[] counts = stats.counts();
    out.putCount(buckets.length);
    for (int i = 0; i < buckets.length; i++) {
      out.putSigned(buckets[i]).putCount(counts[i]);
    }
  }

  private static RunningStats stats(StateInput in) {
    long count = in.getCount();
    long[] sums = {in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong()};
    int size = in.getSize(2);
    short[] buckets = new short[size];
    long[] counts = new long[size];
    for (int i = 0; i < size; i++) {
      buckets[i] = (short) in.getSigned();
      counts[i] = in.getCount();
    }
    return new RunningStats(count, sums, buckets, counts);
  }
}

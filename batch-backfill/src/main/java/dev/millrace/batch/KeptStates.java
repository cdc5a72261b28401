package dev.millrace.batch;

import dev.millrace.core.Origin;
import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.stage.Fault;
import dev.millrace.schemas.stage.StateHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The states of the one user whose rows are being folded. A change that fails is taken back by
 * making the state again, from its bytes of a while ago and the changes since.
 */
final class KeptStates<S, C> implements StateHost<S, C> {

  /** So many changes are made again at most; the state is written once for as many events. */
  private static final int CHANGES_KEPT = 256;

  /** Of one fold. */
  private static final class Kept<S, C> {
    final StateCodec<S, C> codec;
    final List<C> changes = new ArrayList<>();
    byte @Nullable [] before;
    @Nullable C latest;
    S state;

    Kept(StateCodec<S, C> codec) {
      this.codec = codec;
      this.state = codec.start();
    }

    void apply(C change, StateOutput out) {
      if (latest != null) {
        changes.add(latest);
        latest = null;
      }
      if (changes.size() >= CHANGES_KEPT) {
        codec.write(state, out.clear());
        before = out.toBytes();
        changes.clear();
      }
      latest = change;
      codec.apply(state, change);
    }

    void takeBack() {
      latest = null;
      state = before == null ? codec.start() : codec.read(new StateInput(before, "the state"));
      changes.forEach(change -> codec.apply(state, change));
    }
  }

  private final LongFunction<? extends StateCodec<S, C>> codecs;
  private final Map<Long, Kept<S, C>> folds = new TreeMap<>();
  private final StateOutput out = new StateOutput(1024);

  /**
   * @param codecs of each fold, by its number
   */
  KeptStates(LongFunction<? extends StateCodec<S, C>> codecs) {
    this.codecs = codecs;
  }

  /** Another user's rows follow. */
  void forget() {
    folds.clear();
  }

  @Override
  public S state(long fold, String user) {
    return kept(fold).state;
  }

  @Override
  public void apply(long fold, String user, C change) {
    kept(fold).apply(change, out);
  }

  @Override
  public void takeBack(long fold, String user, Origin event, Fault fault) {
    kept(fold).takeBack();
  }

  private Kept<S, C> kept(long fold) {
    return folds.computeIfAbsent(fold, number -> new Kept<>(codecs.apply(number)));
  }
}

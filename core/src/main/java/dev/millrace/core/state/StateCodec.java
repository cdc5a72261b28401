package dev.millrace.core.state;

/**
 * What a fold remembers of one user, as a host keeps it: alive in memory, and in bytes that a new
 * host makes the same state of. A host writes each change, and the whole state now and then; from a
 * whole state and the changes after it, applied in their order, comes the state again.
 *
 * <p>Equal states and equal changes give equal bytes. Each begins with a format number, so that no
 * release reads what another meant.
 *
 * @param <S> the state; changed in place by {@link #apply}
 * @param <C> what one event changes
 */
public interface StateCodec<S, C> {

  /** The state of a user of whom nothing is known. */
  S start();

  void apply(S state, C change);

  void write(S state, StateOutput out);

  /**
   * @throws UnreadableStateException if the bytes are no state of this format
   */
  S read(StateInput in);

  void writeChange(C change, StateOutput out);

  /**
   * @throws UnreadableStateException if the bytes are no change of this format
   */
  C readChange(StateInput in);
}

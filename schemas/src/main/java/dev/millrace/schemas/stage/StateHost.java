package dev.millrace.schemas.stage;

import dev.millrace.core.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Where a host keeps users' states.
 *
 * @param <S> a user's state
 * @param <C> what one event changes in it
 */
public interface StateHost<S, C> {

  /** Number of a fold that has the states for itself. */
  long ONLY = 0;

  /**
   * The user's state, to read and not to change, until the host is used again; a new one for a user
   * of whom nothing is known.
   *
   * @param fold its number
   */
  S state(long fold, String user);

  /** Changes the user's state, for as long as the host keeps it. */
  void apply(long fold, String user, C change);

  /**
   * The fault that the event provoked before, when it changed a state of the fold; null if it is
   * not known to have provoked one.
   */
  default @Nullable Fault recall(long fold, Origin event) {
    return null;
  }

  /**
   * Takes back a change that a fault ended half way. Either the state is as it was before when this
   * returns, or it throws what makes the host begin again from a state that is whole, and {@link
   * #recall} knows the fault when the event comes again.
   */
  void takeBack(long fold, String user, Origin event, Fault fault);
}

package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.stage.Fault;
import dev.millrace.schemas.stage.StateHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptStatesTest {

  private static final Origin EVENT = new Origin("raw", 0, 0);
  private static final Fault FAULT =
      new Fault(new Violation(Reason.CODE_FAILURE, null, "fault"), "somewhere");

  /** A state that is a list; a change adds a number, a negative one only half of it. */
  private static final class Numbers implements StateCodec<List<Long>, Long> {
    @Override
    public List<Long> start() {
      return new ArrayList<>();
    }

    @Override
    public void apply(List<Long> state, Long change) {
      state.add(change);
      if (change < 0) {
        throw new IllegalStateException("half way");
      }
    }

    @Override
    public void write(List<Long> state, StateOutput out) {
      out.putCount(state.size());
      state.forEach(out::putLong);
    }

    @Override
    public List<Long> read(StateInput in) {
      List<Long> state = new ArrayList<>();
      for (int n = in.getSize(Long.BYTES); n > 0; n--) {
        state.add(in.getLong());
      }
      return state;
    }

    @Override
    public void writeChange(Long change, StateOutput out) {
      out.putLong(change);
    }

    @Override
    public Long readChange(StateInput in) {
      return in.getLong();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aChangeThatIsTakenBackHasNeverBeen(long seed) {
    Random random = new Random(seed);
    Numbers numbers = new Numbers();
    KeptStates<List<Long>, Long> states = new KeptStates<>(number -> numbers);
    List<Long> twin = new ArrayList<>();
    for (long i = 0; i < 2_000; i++) {
      int kind = random.nextInt(20);
      if (kind == 0) {
        // It fails half way.
        try {
          states.apply(StateHost.ONLY, "user", -1L);
        } catch (IllegalStateException e) {
          states.takeBack(StateHost.ONLY, "user", EVENT, FAULT);
        }
      } else if (kind == 1) {
        // What is done with it afterwards fails.
        states.apply(StateHost.ONLY, "user", i);
        states.takeBack(StateHost.ONLY, "user", EVENT, FAULT);
      } else if (kind == 2 && random.nextInt(30) == 0) {
        states.forget();
        twin.clear();
      } else {
        states.apply(StateHost.ONLY, "user", i);
        twin.add(i);
      }
      assertThat(states.state(StateHost.ONLY, "user")).isEqualTo(twin);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void eachFoldHasItsOwn(long fold) {
    Numbers numbers = new Numbers();
    KeptStates<List<Long>, Long> states = new KeptStates<>(number -> numbers);

    states.apply(fold, "user", 5L);

    assertThat(states.state(fold, "user")).containsExactly(5L);
    assertThat(states.state(3, "user")).isEmpty();
  }
}

package dev.millrace.schemas.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Reason;
import dev.millrace.core.state.UnreadableStateException;
import org.junit.jupiter.api.Test;

class GuardTest {

  private static final class HostException extends RuntimeException {}

  private static final Guard GUARD = new Guard(HostException.class);

  private static int deep(int n) {
    return n == 0 ? 0 : 1 + deep(n - 1 + 0 * deep(n - 1));
  }

  @Test
  void aDecisionThatCanBeMadeIsTheOutcome() {
    assertThat(GUARD.decide(() -> "clean", fault -> "quarantined")).isEqualTo("clean");
  }

  @Test
  void aFaultThatAnEventProvokesIsItsOutcomeAndTellsNoValueOfIt() {
    Fault fault =
        GUARD.decide(
            () -> {
              throw new IllegalStateException("card 4111111111111111");
            },
            f -> f);

    assertThat(fault.violation().rule()).isEqualTo(Reason.CODE_FAILURE);
    assertThat(fault.exception())
        .startsWith("java.lang.IllegalStateException at dev.millrace.schemas.stage.GuardTest")
        .doesNotContain("4111");
    assertThat(fault.violation().message()).doesNotContain("4111");
  }

  @Test
  void anExhaustedStackIsAFaultOfThatEventToo() {
    String outcome = GUARD.decide(() -> "depth " + deep(10_000_000), fault -> fault.exception());

    assertThat(outcome).startsWith("java.lang.StackOverflowError");
  }

  @Test
  void aFailingSurroundingIsNoOutcome() {
    assertThatThrownBy(
            () ->
                GUARD.decide(
                    () -> {
                      throw new HostException();
                    },
                    fault -> "quarantined"))
        .isInstanceOf(HostException.class);
  }

  @Test
  void stateThatCannotBeReadIsNoEventsFault() {
    assertThatThrownBy(
            () ->
                GUARD.decide(
                    () -> {
                      throw new UnreadableStateException("of a later format");
                    },
                    fault -> "quarantined"))
        .isInstanceOf(UnreadableStateException.class);
  }
}

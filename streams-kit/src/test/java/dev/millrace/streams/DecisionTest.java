package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Reason;
import dev.millrace.core.state.UnreadableStateException;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class DecisionTest {

  private static int deep(int n) {
    return n == 0 ? 0 : 1 + deep(n - 1 + 0 * deep(n - 1));
  }

  @Test
  void aDecisionThatCanBeMadeIsTheOutcome() {
    assertThat(Decision.make(() -> "clean", fault -> "quarantined")).isEqualTo("clean");
  }

  @Test
  void aFaultThatAnEventProvokesIsItsOutcomeAndTellsNoValueOfIt() {
    Decision.Fault fault =
        Decision.make(
            () -> {
              throw new IllegalStateException("card 4111111111111111");
            },
            f -> f);

    assertThat(fault.violation().rule()).isEqualTo(Reason.CODE_FAILURE);
    assertThat(fault.exception())
        .startsWith("java.lang.IllegalStateException at dev.millrace.streams.DecisionTest")
        .doesNotContain("4111");
    assertThat(fault.violation().message()).doesNotContain("4111");
  }

  @Test
  void anExhaustedStackIsAFaultOfThatEventToo() {
    String outcome = Decision.make(() -> "depth " + deep(10_000_000), fault -> fault.exception());

    assertThat(outcome).startsWith("java.lang.StackOverflowError");
  }

  @Test
  void aFailingSurroundingIsNoOutcome() {
    assertThatThrownBy(
            () ->
                Decision.make(
                    () -> {
                      throw new KafkaException("fenced");
                    },
                    fault -> "quarantined"))
        .isInstanceOf(KafkaException.class);
  }

  @Test
  void stateThatCannotBeReadIsNoEventsFault() {
    assertThatThrownBy(
            () ->
                Decision.make(
                    () -> {
                      throw new UnreadableStateException("of a later format");
                    },
                    fault -> "quarantined"))
        .isInstanceOf(UnreadableStateException.class);
  }
}

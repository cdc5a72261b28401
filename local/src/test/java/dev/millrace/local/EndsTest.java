package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.local.generator.ExpectedReason;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndsTest {

  private static final ExpectedReason MALFORMED = new ExpectedReason("JSON_MALFORMED", null);
  private static final ExpectedReason NO_USER = new ExpectedReason("MISSING_FIELD", "user_id");

  private final Ends ends = new Ends();

  @Test
  void equalEndsHaveOneNumber() {
    int clean = ends.plus(Places.NONE, End.CLEAN);
    int duplicate = ends.plus(Places.NONE, End.DUPLICATE);

    assertThat(ends.plus(Places.NONE, End.CLEAN)).isEqualTo(clean).isNotEqualTo(duplicate);
    assertThat(ends.of(clean)).containsExactly(End.CLEAN);
    assertThat(ends.of(Places.NONE)).isEmpty();
  }

  @Test
  void aSecondEndIsKeptBesideTheFirst() {
    int clean = ends.plus(Places.NONE, End.CLEAN);

    assertThat(ends.of(ends.plus(clean, End.CLEAN))).containsExactly(End.CLEAN, End.CLEAN);
    assertThat(ends.of(clean)).containsExactly(End.CLEAN);
  }

  @Test
  void theOrderOfReasonsMakesNoDifferenceAndNoneCountsTwice() {
    End end = new End(Outcome.QUARANTINED, List.of(NO_USER, MALFORMED, NO_USER));

    assertThat(end).isEqualTo(new End(Outcome.QUARANTINED, List.of(MALFORMED, NO_USER)));
    assertThat(end).hasToString("quarantined (JSON_MALFORMED, MISSING_FIELD user_id)");
  }
}

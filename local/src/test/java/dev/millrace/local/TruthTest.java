package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.Trace.Followed;
import dev.millrace.local.Truth.Verdict;
import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.local.generator.ExpectedReason;
import dev.millrace.local.generator.GeneratedEvent;
import dev.millrace.local.generator.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TruthTest {

  private static final End NO_USER =
      new End(Outcome.QUARANTINED, List.of(new ExpectedReason("MISSING_FIELD", "user_id")));

  private final Truth truth = new Truth();

  private void expect(@Nullable Kind... kinds) {
    truth
        .lines(
            Stream.of(kinds)
                .map(kind -> new GeneratedEvent(new byte[1], new Expectation(kind, null)))
                .iterator())
        .forEachRemaining(line -> {});
  }

  private void found(int event, End... ends) {
    truth.found(new Followed(event, 2, 100 + event, List.of(ends)));
  }

  @Test
  void everyEventThatComesToItsEndAndToNoOtherIsAsExpected() {
    expect(null, Kind.DUPLICATE_LATER, Kind.MISSING_USER, Kind.LATE);
    found(3, End.CLEAN);
    found(2, NO_USER);
    found(1, End.DUPLICATE);
    found(0, End.CLEAN);

    assertThat(truth.verdict()).isEqualTo(new Verdict(4, 4, 1, List.of()));
    assertThat(truth.verdict().isAsExpected()).isTrue();
  }

  @Test
  void reasonsAreComparedAsASetAndExactly() {
    expect(Kind.SEVERAL_AND_NO_USER, Kind.SEVERAL_AND_NO_USER, Kind.MISSING_USER);
    List<ExpectedReason> all = Kind.SEVERAL_AND_NO_USER.reasons();
    List<ExpectedReason> mixed = List.of(all.get(3), all.get(0), all.get(2), all.get(1));
    found(0, new End(Outcome.QUARANTINED, mixed));
    found(1, new End(Outcome.QUARANTINED, all.subList(0, 3)));
    found(2, new End(Outcome.QUARANTINED, all));

    Verdict verdict = truth.verdict();

    assertThat(verdict.asExpected()).isEqualTo(1);
    assertThat(verdict.kinds()).isEqualTo(2);
    assertThat(verdict.differences())
        .containsExactly(
            "line 2 (several_and_no_user): expected quarantined (MISSING_FIELD user_id, TOO_LONG note, WRONG_TYPE event_time, WRONG_TYPE quantity), found quarantined (MISSING_FIELD user_id, TOO_LONG note, WRONG_TYPE event_time); events.raw partition 2, offset 101",
            "line 3 (missing_user): expected quarantined (MISSING_FIELD user_id), found quarantined (MISSING_FIELD user_id, TOO_LONG note, WRONG_TYPE event_time, WRONG_TYPE quantity); events.raw partition 2, offset 102");
  }

  @Test
  void nothingOfAnEventAndAnythingTwiceIsToldInWords() {
    expect(null, null, null, null);
    found(1);
    found(2, End.CLEAN, End.CLEAN);
    found(3, End.CLEAN);
    found(3, End.DUPLICATE);

    Verdict verdict = truth.verdict();

    assertThat(verdict.asExpected()).isZero();
    assertThat(verdict.isAsExpected()).isFalse();
    assertThat(verdict.differences())
        .containsExactly(
            "line 2 (a regular event): expected clean, found no outcome; events.raw partition 2, offset 101",
            "line 3 (a regular event): expected clean, found clean and clean; events.raw partition 2, offset 102",
            "line 4 (a regular event): expected clean, found duplicate; events.raw partition 2, offset 103, which is not its only record there",
            "line 1 (a regular event): expected clean, found nothing: no record on events.raw was made of it");
  }

  @Test
  void onlyTheFirstDifferencesAreTold() {
    expect(Stream.generate(() -> Kind.LATE).limit(5_000).toArray(Kind[]::new));

    assertThat(truth.verdict().differences()).hasSize(5).first().asString().startsWith("line 1 ");
    assertThat(truth.verdict().expected()).isEqualTo(5_000);
  }
}

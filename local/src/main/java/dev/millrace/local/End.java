package dev.millrace.local;

import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.local.generator.ExpectedReason;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a raw event comes to, expected or found.
 *
 * @param reasons all of them, each once, sorted; empty unless quarantined
 */
record End(Outcome outcome, List<ExpectedReason> reasons) {

  static final End CLEAN = new End(Outcome.CLEAN, List.of());
  static final End DUPLICATE = new End(Outcome.DUPLICATE, List.of());

  End {
    reasons = reasons.stream().sorted().distinct().toList();
  }

  static End of(Expectation expectation) {
    return new End(expectation.outcome(), expectation.reasons());
  }

  /** "clean", or "quarantined (MISSING_FIELD user_id, WRONG_TYPE quantity)". */
  @Override
  public String toString() {
    String word = outcome.name().toLowerCase(Locale.ROOT);
    return reasons.isEmpty()
        ? word
        : reasons.stream().map(End::text).collect(Collectors.joining(", ", word + " (", ")"));
  }

  private static String text(ExpectedReason reason) {
    return reason.field() == null ? reason.reason() : reason.reason() + " " + reason.field();
  }
}

package dev.millrace.core.cleansing;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import java.util.ArrayList;
import java.util.List;

/** What a contract found in one event, in the order of its rules. */
final class Findings {

  private final List<Violation> violations = new ArrayList<>();
  private final List<String> flags = new ArrayList<>();

  void violation(Reason rule, String field, String message) {
    violations.add(new Violation(rule, field, message));
  }

  void flag(Flag flag, String field) {
    flags.add(flag.of(field));
  }

  List<Violation> violations() {
    return violations;
  }

  List<String> flags() {
    return flags;
  }
}

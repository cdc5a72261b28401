package dev.millrace.schemas;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;

/** A value that is not what its rule says; the message names no value. */
final class WrongValueException extends Exception {

  private final Reason rule;
  private final String what;

  WrongValueException(Reason rule, String what) {
    super(what, null, false, false);
    this.rule = rule;
    this.what = what;
  }

  String what() {
    return what;
  }

  Violation of(String field) {
    return new Violation(rule, field, what);
  }
}

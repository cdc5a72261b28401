package dev.millrace.local.generator;

import static dev.millrace.local.generator.Expectation.Outcome.CLEAN;
import static dev.millrace.local.generator.Expectation.Outcome.DUPLICATE;
import static dev.millrace.local.generator.Expectation.Outcome.QUARANTINED;

import dev.millrace.local.generator.Expectation.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The ways in which a line is special, each with its expected outcome and all expected reasons.
 * {@link Irregularities} makes them.
 */
public enum Kind {
  // Identity: in form, but not the first of its id, or too late to tell.
  DUPLICATE_AT_ONCE(DUPLICATE),
  DUPLICATE_LATER(DUPLICATE),
  /** Other bytes that say the same: order of members, white space, quoted numbers. */
  DUPLICATE_RESPELLED(DUPLICATE),
  /** Without an id the bytes themselves identify an event. */
  DUPLICATE_WITHOUT_ID(DUPLICATE),
  CONFLICT(QUARANTINED, "EVENT_ID_CONFLICT event_id"),
  /** Content is compared as it was sent, before a normaliser makes the two equal. */
  CONFLICT_IN_CASE(QUARANTINED, "EVENT_ID_CONFLICT event_id"),
  BEYOND_HORIZON(QUARANTINED, "BEYOND_HORIZON event_time"),
  /** One millionth of a second too late. */
  JUST_BEYOND_HORIZON(QUARANTINED, "BEYOND_HORIZON event_time"),
  /** An exact copy, but so old that nobody remembers the first. */
  REPLAYED_BEYOND_HORIZON(QUARANTINED, "BEYOND_HORIZON event_time"),

  // Time.
  FUTURE(QUARANTINED, "EVENT_TIME_IN_FUTURE event_time"),
  EPOCH_ZERO(QUARANTINED, "OUT_OF_RANGE event_time"),
  SECONDS_AS_MILLIS(QUARANTINED, "OUT_OF_RANGE event_time"),
  MISSING_TIME(QUARANTINED, "MISSING_FIELD event_time"),
  TIME_IS_A_WORD(QUARANTINED, "WRONG_TYPE event_time"),
  TIME_IS_A_NUMBER(QUARANTINED, "WRONG_TYPE event_time"),
  NO_SUCH_DAY(QUARANTINED, "WRONG_TYPE event_time"),

  // Form: no JSON object at all.
  TRUNCATED(QUARANTINED, "JSON_MALFORMED"),
  ARRAY(QUARANTINED, "JSON_MALFORMED"),
  SCALAR(QUARANTINED, "JSON_MALFORMED"),
  DUPLICATE_KEY(QUARANTINED, "JSON_MALFORMED"),
  LATIN_1(QUARANTINED, "JSON_MALFORMED"),
  NESTED_TOO_DEEP(QUARANTINED, "JSON_MALFORMED"),
  NOT_A_NUMBER(QUARANTINED, "JSON_MALFORMED"),
  ENDLESS_NUMBER(QUARANTINED, "JSON_MALFORMED"),
  TWO_EVENTS_IN_A_LINE(QUARANTINED, "JSON_MALFORMED"),
  SINGLE_QUOTES(QUARANTINED, "JSON_MALFORMED"),
  CONTROL_CHARACTER(QUARANTINED, "JSON_MALFORMED"),
  TRAILING_COMMA(QUARANTINED, "JSON_MALFORMED"),
  CSV(QUARANTINED, "JSON_MALFORMED"),
  ERROR_PAGE(QUARANTINED, "JSON_MALFORMED"),
  NOISE(QUARANTINED, "JSON_MALFORMED"),

  // Fields.
  MISSING_USER(QUARANTINED, "MISSING_FIELD user_id"),
  BLANK_USER(QUARANTINED, "MISSING_FIELD user_id"),
  USER_IS_AN_OBJECT(QUARANTINED, "WRONG_TYPE user_id"),
  MISSING_TYPE(QUARANTINED, "MISSING_FIELD event_type"),
  BLANK_TYPE(QUARANTINED, "MISSING_FIELD event_type"),
  LONG_EVENT_ID(QUARANTINED, "TOO_LONG event_id"),
  LONG_ATTRIBUTE(QUARANTINED, "TOO_LONG note"),
  HALF_A_CHARACTER(QUARANTINED, "WRONG_TYPE city"),
  HALF_A_CHARACTER_IN_ATTRIBUTE(QUARANTINED, "WRONG_TYPE note"),
  QUANTITY_IS_A_WORD(QUARANTINED, "WRONG_TYPE quantity"),
  QUANTITY_IS_A_FRACTION(QUARANTINED, "WRONG_TYPE quantity"),
  NEGATIVE_QUANTITY(QUARANTINED, "OUT_OF_RANGE quantity"),
  HUGE_QUANTITY(QUARANTINED, "OUT_OF_RANGE quantity"),
  VALUE_IS_A_LIST(QUARANTINED, "WRONG_TYPE value_micros"),
  NEGATIVE_VALUE(QUARANTINED, "OUT_OF_RANGE value_micros"),
  HUGE_VALUE(QUARANTINED, "OUT_OF_RANGE value_micros"),
  VALUE_OVERFLOW(QUARANTINED, "OUT_OF_RANGE value_micros"),
  NEGATIVE_DURATION(QUARANTINED, "OUT_OF_RANGE duration_micros"),
  INVALID_EMAIL(QUARANTINED, "INVALID_EMAIL email"),
  INVALID_PHONE(QUARANTINED, "INVALID_PHONE phone"),
  BAD_CURRENCY(QUARANTINED, "PATTERN_MISMATCH currency"),
  PURCHASE_WITHOUT_VALUE(QUARANTINED, "CHECK_FAILED value_micros"),
  SEVERAL(
      QUARANTINED,
      "EVENT_TIME_IN_FUTURE event_time",
      "INVALID_EMAIL email",
      "MISSING_FIELD event_type",
      "PATTERN_MISMATCH currency",
      "WRONG_TYPE quantity"),
  SEVERAL_AND_NO_USER(
      QUARANTINED,
      "MISSING_FIELD user_id",
      "TOO_LONG note",
      "WRONG_TYPE event_time",
      "WRONG_TYPE quantity"),

  // Odd, and clean all the same.
  LATE(CLEAN),
  /** As late as an event may be, to the millionth of a second. */
  AT_THE_HORIZON(CLEAN),
  /** An id that was used before, longer ago than the horizon. */
  FORGOTTEN_ID(CLEAN),
  /** Under the id of an event that was quarantined, and so never took it. */
  CORRECTED(CLEAN),
  WITHOUT_ID(CLEAN),
  NUMBERS_AS_IDS(CLEAN),
  TIME_WITHOUT_OFFSET(CLEAN),
  QUOTED_NUMBERS(CLEAN),
  UNTIDY_TYPE(CLEAN),
  UNTIDY_CONTACT(CLEAN),
  UNKNOWN_ATTRIBUTES(CLEAN),
  UNICODE(CLEAN);

  private final Outcome outcome;

  @SuppressWarnings("ImmutableEnumChecker") // Stream.toList() gives one that nobody can change
  private final List<ExpectedReason> reasons;

  /**
   * @param reasons name and field; without a field it is the payload as a whole
   */
  Kind(Outcome outcome, String... reasons) {
    this.outcome = outcome;
    this.reasons =
        Stream.of(reasons)
            .map(text -> text.split(" ", 2))
            .map(parts -> new ExpectedReason(parts[0], parts.length == 1 ? null : parts[1]))
            .sorted()
            .toList();
  }

  public Outcome outcome() {
    return outcome;
  }

  /** All of them, sorted; empty unless quarantined. */
  public List<ExpectedReason> reasons() {
    return reasons;
  }

  /** As it stands in the truth file. */
  public String kindName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a line of this kind tells whose event it is. */
  boolean tellsTheUser() {
    return reasons.stream()
        .noneMatch(reason -> reason.field() == null || reason.field().equals("user_id"));
  }

  /** How often it comes, compared with others: what is common in practice is common here. */
  int weight() {
    return switch (this) {
      case DUPLICATE_AT_ONCE, DUPLICATE_LATER, LATE -> 6;
      case CONFLICT, BEYOND_HORIZON, FUTURE, TRUNCATED -> 2;
      default -> 1;
    };
  }
}

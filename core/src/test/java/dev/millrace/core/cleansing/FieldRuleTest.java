package dev.millrace.core.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.FieldRule.Pii;
import dev.millrace.core.cleansing.FieldRule.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FieldRuleTest {

  private final Findings findings = new Findings();

  private Object check(RuleBuilder rule, Object value) {
    return rule.build().check(value, SmallLookups.NONE, findings);
  }

  private List<Reason> reasons() {
    return findings.violations().stream().map(Violation::rule).toList();
  }

  private static RuleBuilder text() {
    return RuleBuilder.of("x", Type.STRING);
  }

  // Absent and blank

  @Test
  void whatIsAbsentOrBlankIsMissingIfItIsRequired() {
    assertThat(check(text().required(), null)).isNull();
    assertThat(check(text().required(), "")).isNull();
    assertThat(check(text().required(), " \t\n")).isNull();
    assertThat(findings.violations())
        .hasSize(3)
        .containsOnly(new Violation(Reason.MISSING_FIELD, "x", "is required, and is not there"));
  }

  @Test
  void whatIsAbsentOrBlankIsAbsentOtherwise() {
    assertThat(check(text().length(1, 5).pattern("a"), null)).isNull();
    assertThat(check(text().length(1, 5).pattern("a"), "  ")).isNull();
    assertThat(check(RuleBuilder.of("x", Type.INTEGER).range(BigDecimal.ONE, null), " ")).isNull();
    assertThat(reasons()).isEmpty();
  }

  @Test
  void aDefaultStandsInForWhatIsAbsentOrBlankAndForNothingElse() {
    assertThat(check(text().otherwise("d"), null)).isEqualTo("d");
    assertThat(check(text().otherwise("d"), " ")).isEqualTo("d");
    assertThat(check(text().otherwise("d").normalised(new Normaliser.Trim()), "\u00a0"))
        .isEqualTo("d");
    assertThat(check(text().otherwise("d"), "a")).isEqualTo("a");
    assertThat(check(RuleBuilder.of("x", Type.INTEGER).otherwise(0L), null)).isEqualTo(0L);
    assertThat(reasons()).isEmpty();
    assertThat(check(text().otherwise("d").length(0, 1), "ab")).isEqualTo("ab");
    assertThat(reasons()).containsExactly(Reason.TOO_LONG);
  }

  @Test
  void aDefaultThatItsOwnRuleRefusesIsTold() {
    assertThat(text().otherwise("abc").length(0, 2).build().wrongWithDefault())
        .isEqualTo("has more than 2 characters");
    assertThat(text().otherwise("a").allowed("b").build().wrongWithDefault())
        .isEqualTo("is none of [b]");
    assertThat(text().otherwise("a").reference("set", true).build().wrongWithDefault()).isNull();
    assertThat(text().build().wrongWithDefault()).isNull();
  }

  // Types

  @Test
  void aValueOfAnotherTypeIsWrongAndNotCheckedFurther() {
    Instant noon = Instant.parse("2026-01-01T12:00:00Z");
    Map<Type, Object> right =
        Map.of(
            Type.STRING,
            "a",
            Type.INTEGER,
            1L,
            Type.MICROS,
            1L,
            Type.BOOLEAN,
            true,
            Type.TIME,
            noon);
    for (Type type : right.keySet()) {
      for (Object value : Set.of("a", 1L, 1.5, true, noon)) {
        Findings of = new Findings();
        Object checked = RuleBuilder.of("x", type).build().check(value, SmallLookups.NONE, of);
        if (right.get(type).getClass() == value.getClass()) {
          assertThat(checked).isEqualTo(value);
          assertThat(of.violations()).isEmpty();
        } else {
          assertThat(checked).as("%s as %s", value, type).isNull();
          assertThat(of.violations())
              .extracting(Violation::rule)
              .containsExactly(Reason.WRONG_TYPE);
        }
      }
    }
  }

  @Test
  void aNumberMayBeWholeOrNotAndIsADoubleFromThereOn() {
    RuleBuilder number = RuleBuilder.of("x", Type.NUMBER);

    assertThat(check(number, 5L)).isEqualTo(5.0);
    assertThat(check(number, 5.5)).isEqualTo(5.5);
    assertThat(reasons()).isEmpty();
    assertThat(check(number, "5")).isNull();
    assertThat(findings.violations())
        .containsExactly(new Violation(Reason.WRONG_TYPE, "x", "is not of type number"));
  }

  @Test
  void everyFieldHasAType() {
    assertThat(Type.of(EventField.USER_ID)).isEqualTo(Type.STRING);
    assertThat(Type.of(EventField.EVENT_TIME)).isEqualTo(Type.TIME);
    assertThat(Type.of(EventField.QUANTITY)).isEqualTo(Type.INTEGER);
    assertThat(Type.of(EventField.VALUE_MICROS)).isEqualTo(Type.MICROS);
  }

  // Texts

  @Test
  void lengthCountsCharactersAndNotHalvesOfThem() {
    assertThat(check(text().length(2, 2), "😀😀")).isEqualTo("😀😀");
    assertThat(reasons()).isEmpty();
    check(text().length(2, 3), "😀");
    check(text().length(2, 3), "😀😀😀😀");
    assertThat(findings.violations())
        .containsExactly(
            new Violation(Reason.TOO_SHORT, "x", "has fewer than 2 characters"),
            new Violation(Reason.TOO_LONG, "x", "has more than 3 characters"));
  }

  @Test
  void aPatternMatchesTheWholeText() {
    check(text().pattern("[A-Z]{3}"), "EUR");
    assertThat(reasons()).isEmpty();
    check(text().pattern("[A-Z]{3}"), "EURO");
    assertThat(findings.violations())
        .containsExactly(new Violation(Reason.PATTERN_MISMATCH, "x", "does not match [A-Z]{3}"));
  }

  @Test
  void aTextThatIsTooLongIsNotHeldAgainstThePatternToo() {
    check(text().length(0, 2).pattern("a"), "bbb");

    assertThat(reasons()).containsExactly(Reason.TOO_LONG);
  }

  @Test
  void severalDemandsAreAllToldInTheirOrder() {
    check(text().length(5, 9).pattern("a+").allowed("aaaaa").reference("set", true), "b");

    assertThat(reasons())
        .containsExactly(Reason.TOO_SHORT, Reason.PATTERN_MISMATCH, Reason.NOT_ALLOWED);
    assertThat(findings.flags()).containsExactly("x:REFERENCE_UNAVAILABLE");
  }

  @Test
  void onlyWhatIsListedIsAllowed() {
    assertThat(check(text().allowed("a", "b"), "a")).isEqualTo("a");
    assertThat(check(RuleBuilder.of("x", Type.INTEGER).allowed(1L, 2L), 2L)).isEqualTo(2L);
    assertThat(reasons()).isEmpty();
    check(text().allowed("b", "a"), "A");
    check(RuleBuilder.of("x", Type.INTEGER).allowed(1L, 2L), 3L);
    assertThat(findings.violations())
        .containsExactly(
            new Violation(Reason.NOT_ALLOWED, "x", "is none of [a, b]"),
            new Violation(Reason.NOT_ALLOWED, "x", "is none of [1, 2]"));
  }

  @Test
  void aNumberLiesInItsRange() {
    RuleBuilder percent =
        RuleBuilder.of("x", Type.INTEGER).range(BigDecimal.ZERO, new BigDecimal(100));

    check(percent, 0L);
    check(percent, 100L);
    assertThat(reasons()).isEmpty();
    assertThat(check(percent, 101L)).isEqualTo(101L);
    assertThat(findings.violations())
        .containsExactly(new Violation(Reason.OUT_OF_RANGE, "x", "must be from 0 to 100"));
  }

  // Normalisers

  @Test
  void normalisersComeFirstInTheirOrder() {
    RuleBuilder rule =
        text()
            .normalised(new Normaliser.Trim(), new Normaliser.LowerCase())
            .length(0, 3)
            .allowed("abc");

    assertThat(check(rule, "  ABC ")).isEqualTo("abc");
    assertThat(reasons()).isEmpty();
  }

  @Test
  void aTextWithoutANormalFormIsToldOnceAndGone() {
    RuleBuilder rule = text().required().normalised(new Normaliser.Email()).pattern("never");

    assertThat(check(rule, "no address")).isNull();
    assertThat(findings.violations())
        .containsExactly(new Violation(Reason.INVALID_EMAIL, "x", "is no e-mail address"));
  }

  @Test
  void aNormaliserIsNotAskedAboutABlankText() {
    assertThat(check(text().normalised(new Normaliser.Email()), " ")).isNull();
    assertThat(reasons()).isEmpty();
  }

  // References

  @Test
  void anUnknownReferenceIsRefusedOrFlaggedAsDeclared() {
    SmallLookups products = SmallLookups.set("products", "p-1");
    RuleBuilder refused = text().reference("products", true);
    RuleBuilder flagged = text().reference("products", false);

    refused.build().check("p-1", products, findings);
    flagged.build().check("p-1", products, findings);
    assertThat(reasons()).isEmpty();
    assertThat(findings.flags()).isEmpty();

    flagged.build().check("p-2", products, findings);
    assertThat(reasons()).isEmpty();
    assertThat(findings.flags()).containsExactly("x:UNKNOWN_REFERENCE");

    refused.build().check("p-2", products, findings);
    assertThat(findings.violations())
        .containsExactly(
            new Violation(Reason.UNKNOWN_REFERENCE, "x", "is not in the reference set products"));
  }

  @Test
  void withoutTheReferenceSetNothingIsRefusedAndTheEventSaysSo() {
    assertThat(check(text().reference("products", true), "p-2")).isEqualTo("p-2");

    assertThat(reasons()).isEmpty();
    assertThat(findings.flags()).containsExactly("x:REFERENCE_UNAVAILABLE");
  }

  // PII

  @Test
  void aMaskHidesEveryCharacterAndATokenStandsForTheValue() {
    FieldRule masked = text().pii(Pii.MASK).build();
    FieldRule token = text().pii(Pii.TOKENIZE).build();

    assertThat(masked.concealed("a😀b", SmallLookups.NONE)).isEqualTo("***");
    assertThat(token.concealed("abc", SmallLookups.NONE)).isEqualTo("token of 3 characters");
    assertThat(text().build().concealed("abc", SmallLookups.NONE)).isEqualTo("abc");
    assertThat(RuleBuilder.of("x", Type.INTEGER).build().concealed(5L, SmallLookups.NONE))
        .isEqualTo(5L);
  }

  @Test
  void noMessageTellsTheValue() {
    String secret = "s3cr3t";
    check(text().length(10, 20).pattern("a+").allowed("b").pii(Pii.TOKENIZE), secret);
    check(text().length(0, 3), secret);
    check(text().normalised(new Normaliser.Email()), secret);
    check(text().normalised(new Normaliser.Phone("DE")), secret);
    check(text().normalised(new Normaliser.UtcTime(ZoneOffset.UTC)), secret);
    check(RuleBuilder.of("x", Type.INTEGER), secret);
    text().reference("set", true).build().check(secret, SmallLookups.set("set"), findings);

    assertThat(findings.violations()).hasSize(9);
    assertThat(findings.violations().toString()).doesNotContain(secret);
  }

  @Test
  void lengthsThatCantBeAreRefused() {
    assertThatThrownBy(() -> text().length(-1, 1).build()).hasMessageContaining("for x");
    assertThatThrownBy(() -> text().length(2, 1).build()).hasMessageContaining("for x");
  }
}

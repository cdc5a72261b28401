package dev.millrace.core.cleansing;

import static dev.millrace.core.cleansing.ContractBuilder.aContract;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.ContractCheck.Checked;
import dev.millrace.core.cleansing.FieldRule.Pii;
import dev.millrace.core.cleansing.FieldRule.Type;
import dev.millrace.core.expression.Expression;
import dev.millrace.core.expression.Expression.Comparison;
import dev.millrace.core.expression.Expression.Conditional;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Equal;
import dev.millrace.core.expression.Expression.Junction;
import dev.millrace.core.expression.Expression.Not;
import dev.millrace.core.expression.Expression.Variable;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ContractTest {

  private static final Expression PURCHASE_HAS_VALUE =
      new Junction(
          true,
          List.of(
              new Not(new Equal(new Variable("event_type"), new Constant("purchase"))),
              new Not(new Equal(new Variable("value_micros"), new Constant(null)))));

  private static EventContent event(Map<EventField, Object> more) {
    return event(more, Map.of());
  }

  private static EventContent event(Map<EventField, Object> more, Map<String, Object> attributes) {
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    fields.put(EventField.USER_ID, "ann");
    fields.put(EventField.EVENT_TIME, Instant.parse("2026-01-01T12:00:00Z"));
    fields.put(EventField.EVENT_TYPE, "view");
    fields.putAll(more);
    return new EventContent(fields, new TreeMap<>(attributes));
  }

  private static Checked check(ContractBuilder contract, EventContent sent) {
    return check(contract, sent, SmallLookups.NONE);
  }

  private static Checked check(ContractBuilder contract, EventContent sent, Lookups lookups) {
    return check(contract, sent, Set.of(), lookups);
  }

  private static Checked check(
      ContractBuilder contract, EventContent sent, Set<String> unreadable, Lookups lookups) {
    return new ContractCheck(contract.build())
        .check(sent, unreadable, field -> RunningStats.NONE, lookups);
  }

  private static List<String> violations(Checked checked) {
    return checked.violations().stream()
        .map(violation -> violation.field() + " " + violation.rule())
        .toList();
  }

  // Rules

  @Test
  void anEventThatHoldsStaysAsItWas() {
    EventContent sent =
        event(Map.of(EventField.IP, "::1", EventField.QUANTITY, 2L), Map.of("note", "x", "n", 5L));

    assertThat(check(aContract(), sent)).isEqualTo(new Checked(sent, List.of(), List.of()));
  }

  @Test
  void violationsOfOneEventStandInTheOrderOfFieldsAttributesAndChecks() {
    ContractBuilder contract =
        aContract()
            .field(RuleBuilder.of(EventField.CURRENCY).pattern("[A-Z]{3}"))
            .field(RuleBuilder.of(EventField.COUNTRY).required().length(2, 2))
            .attribute(RuleBuilder.of("b", Type.INTEGER).required())
            .attribute(RuleBuilder.of("a", Type.STRING).allowed("x"))
            .check("second", "ip", new Constant(false))
            .check("first", "city", new Constant(false));

    assertThat(
            violations(
                check(
                    contract,
                    event(
                        Map.of(EventField.CURRENCY, "euro", EventField.EVENT_TYPE, " "),
                        Map.of("a", "y", "z", "z".repeat(101))))))
        .containsExactly(
            "event_type MISSING_FIELD",
            "country MISSING_FIELD",
            "currency PATTERN_MISMATCH",
            "a NOT_ALLOWED",
            "b MISSING_FIELD",
            "z TOO_LONG",
            "ip CHECK_FAILED",
            "city CHECK_FAILED");
  }

  @Test
  void aFieldOrAttributeThatCouldNotBeReadIsNotReportedTwice() {
    ContractBuilder contract =
        aContract()
            .field(RuleBuilder.of(EventField.QUANTITY).required())
            .attribute(RuleBuilder.of("a", Type.STRING).required());

    Checked checked = check(contract, event(Map.of()), Set.of("quantity", "a"), SmallLookups.NONE);

    assertThat(checked.violations()).isEmpty();
    assertThat(checked.content().value("quantity")).isNull();
  }

  @Test
  void anAttributeWithoutARulePassesIfItIsNotTooLong() {
    ContractBuilder contract = aContract().longestText(3);

    assertThat(
            check(contract, event(Map.of(), Map.of("a", "😀😀😀", "n", 5L, "b", true)))
                .violations())
        .isEmpty();
    assertThat(check(contract, event(Map.of(), Map.of("a", "four"))).violations())
        .contains(new Violation(Reason.TOO_LONG, "a", "has more than 3 characters"));
  }

  @Test
  void aFieldWithoutARuleIsBoundedToo() {
    assertThat(
            violations(check(aContract().longestText(3), event(Map.of(EventField.CITY, "four")))))
        .containsExactly("city TOO_LONG");
  }

  @Test
  void aDeclaredAttributeHasItsRule() {
    ContractBuilder contract =
        aContract()
            .attribute(
                RuleBuilder.of("shop", Type.STRING)
                    .normalised(new Normaliser.Trim())
                    .otherwise("web"))
            .attribute(RuleBuilder.of("rating", Type.NUMBER).range(BigDecimal.ZERO, null));

    Checked checked = check(contract, event(Map.of(), Map.of("rating", -1L, "shop", " app ")));

    assertThat(violations(checked)).containsExactly("rating OUT_OF_RANGE");
    assertThat(checked.content().attributes()).containsEntry("shop", "app");
    assertThat(check(contract, event(Map.of())).content().attributes())
        .containsExactly(Map.entry("shop", "web"));
  }

  @Test
  void anAttributeThatIsCalledLikeAFieldIsAnother() {
    EventContent sent = event(Map.of(EventField.VALUE_MICROS, 5L), Map.of("value_micros", "five"));

    Checked checked = check(aContract().check("a", "ip", equal("value_micros", 5L)), sent);

    assertThat(checked).isEqualTo(new Checked(sent, List.of(), List.of()));
  }

  private static Expression equal(String variable, Object value) {
    return new Equal(new Variable(variable), new Constant(value));
  }

  // Checks

  @Test
  void aCheckThatDoesNotHoldNamesItselfItsFieldAndItsMessage() {
    ContractBuilder contract =
        aContract().check("purchase_has_value", "value_micros", PURCHASE_HAS_VALUE);
    EventContent purchase = event(Map.of(EventField.EVENT_TYPE, "purchase"));

    assertThat(check(contract, event(Map.of())).violations()).isEmpty();
    assertThat(check(contract, purchase).violations())
        .containsExactly(
            new Violation(
                Reason.CHECK_FAILED, "value_micros", "purchase_has_value: does not hold"));
  }

  @Test
  void aCheckWithoutAValueHolds() {
    Expression sold =
        new Comparison(Comparison.Order.GREATER, new Variable("quantity"), new Constant(0L));
    ContractBuilder contract = aContract().check("sold", "quantity", sold);

    assertThat(check(contract, event(Map.of())).violations()).isEmpty();
    assertThat(violations(check(contract, event(Map.of(EventField.QUANTITY, 0L)))))
        .containsExactly("quantity CHECK_FAILED");
  }

  @Test
  void aCheckDoesNotBlameAnEventForTheLackOfAValueThatWasSentAndIsWrong() {
    ContractBuilder contract =
        aContract()
            .check("purchase_has_value", "value_micros", PURCHASE_HAS_VALUE)
            .field(RuleBuilder.of(EventField.EMAIL).normalised(new Normaliser.Email()))
            .check("known", "email", new Not(equal("email", null)));
    EventContent purchase =
        event(Map.of(EventField.EVENT_TYPE, "purchase", EventField.EMAIL, "nobody"));

    assertThat(violations(check(contract, purchase, Set.of("value_micros"), SmallLookups.NONE)))
        .containsExactly("email INVALID_EMAIL");
  }

  @Test
  void aCheckSeesAValueThatIsThereEvenIfItIsWrong() {
    ContractBuilder contract =
        aContract()
            .field(RuleBuilder.of(EventField.QUANTITY).range(BigDecimal.ZERO, null))
            .check("few", "quantity", new Not(equal("quantity", -1L)));

    assertThat(violations(check(contract, event(Map.of(EventField.QUANTITY, -1L)))))
        .containsExactly("quantity OUT_OF_RANGE", "quantity CHECK_FAILED");
  }

  @Test
  void checksSeeTheNormalForm() {
    ContractBuilder contract =
        aContract()
            .field(
                RuleBuilder.of(EventField.EVENT_TYPE)
                    .required()
                    .normalised(new Normaliser.LowerCase()))
            .check("no_purchase", "event_type", new Not(equal("event_type", "purchase")));

    assertThat(violations(check(contract, event(Map.of(EventField.EVENT_TYPE, "PURCHASE")))))
        .containsExactly("event_type CHECK_FAILED");
  }

  // Category

  private static final Expression CATEGORY =
      new Conditional(
          equal("event_type", "purchase"), new Constant("payment"), new Constant("browsing"));

  @Test
  void theCategoryIsDerivedFromTheNormalFormWhateverWasSent() {
    ContractBuilder contract =
        aContract()
            .field(
                RuleBuilder.of(EventField.EVENT_TYPE)
                    .required()
                    .normalised(new Normaliser.LowerCase()))
            .category(CATEGORY);
    EventContent sent =
        event(
            Map.of(
                EventField.EVENT_TYPE, "PURCHASE", EventField.EVENT_CATEGORY, "c".repeat(1_000)));

    Checked checked = check(contract, sent);

    assertThat(checked.violations()).isEmpty();
    assertThat(checked.content().text(EventField.EVENT_CATEGORY)).isEqualTo("payment");
  }

  @Test
  void withoutADerivationTheCategoryStaysAsItWasSent() {
    assertThat(
            check(aContract(), event(Map.of(EventField.EVENT_CATEGORY, "own")))
                .content()
                .text(EventField.EVENT_CATEGORY))
        .isEqualTo("own");
  }

  @Test
  void aDerivationMayKeepWhatWasSent() {
    ContractBuilder contract =
        aContract()
            .category(
                new Conditional(
                    equal("event_category", null),
                    new Constant("none"),
                    new Variable("event_category")));

    assertThat(check(contract, event(Map.of())).content().value("event_category"))
        .isEqualTo("none");
    assertThat(
            check(contract, event(Map.of(EventField.EVENT_CATEGORY, "own")))
                .content()
                .value("event_category"))
        .isEqualTo("own");
  }

  @Test
  void theRuleOfTheCategoryJudgesWhatIsDerived() {
    RuleBuilder rule = RuleBuilder.of(EventField.EVENT_CATEGORY).required().allowed("payment");
    Expression onlyOfPurchases =
        new Conditional(
            equal("event_type", "purchase"), new Constant("payment"), new Variable("city"));
    EventContent purchase = event(Map.of(EventField.EVENT_TYPE, "purchase"));

    assertThat(check(aContract().field(rule).category(CATEGORY), purchase).violations()).isEmpty();
    assertThat(violations(check(aContract().field(rule).category(CATEGORY), event(Map.of()))))
        .containsExactly("event_category NOT_ALLOWED");
    assertThat(
            violations(check(aContract().field(rule).category(onlyOfPurchases), event(Map.of()))))
        .containsExactly("event_category MISSING_FIELD");
  }

  @Test
  void aCategoryThatHasNoValueIsAbsentOrTheDefault() {
    Expression ofQuantity =
        new Conditional(
            new Comparison(Comparison.Order.GREATER, new Variable("quantity"), new Constant(9L)),
            new Constant("bulk"),
            new Constant("single"));

    assertThat(check(aContract().category(ofQuantity), event(Map.of())).content().fields())
        .doesNotContainKey(EventField.EVENT_CATEGORY);
    assertThat(
            check(
                    aContract()
                        .category(ofQuantity)
                        .field(RuleBuilder.of(EventField.EVENT_CATEGORY).otherwise("other")),
                    event(Map.of()))
                .content()
                .value("event_category"))
        .isEqualTo("other");
  }

  @Test
  void aCategoryThatLacksAWrongValueIsNotBlamedToo() {
    ContractBuilder contract =
        aContract()
            .field(RuleBuilder.of(EventField.EVENT_CATEGORY).required())
            .category(
                new Conditional(
                    new Comparison(
                        Comparison.Order.GREATER, new Variable("quantity"), new Constant(9L)),
                    new Constant("bulk"),
                    new Constant("single")))
            .check("a", "event_category", equal("event_category", "single"));

    assertThat(violations(check(contract, event(Map.of()), Set.of("quantity"), SmallLookups.NONE)))
        .isEmpty();
  }

  // Place

  private static final SmallLookups PARIS =
      SmallLookups.place("192.0.2.1", "FR", "Île-de-France", "Paris");

  @Test
  void thePlaceOfTheAddressFillsAllThree() {
    Checked checked = check(aContract().geo(), event(Map.of(EventField.IP, "192.0.2.1")), PARIS);

    assertThat(checked.content().text(EventField.COUNTRY)).isEqualTo("FR");
    assertThat(checked.content().text(EventField.REGION)).isEqualTo("Île-de-France");
    assertThat(checked.content().text(EventField.CITY)).isEqualTo("Paris");
    assertThat(checked.flags()).isEmpty();
  }

  @Test
  void thePlaceFillsNothingIfAnyPartWasSent() {
    for (EventField part : List.of(EventField.COUNTRY, EventField.REGION, EventField.CITY)) {
      EventContent sent = event(Map.of(EventField.IP, "192.0.2.1", part, "elsewhere"));

      assertThat(check(aContract().geo(), sent, PARIS).content()).isEqualTo(sent);
    }
  }

  @Test
  void aBlankPartWasNotSent() {
    EventContent sent = event(Map.of(EventField.IP, "192.0.2.1", EventField.CITY, " "));

    assertThat(check(aContract().geo(), sent, PARIS).content().text(EventField.CITY))
        .isEqualTo("Paris");
  }

  @Test
  void whatTheDatabaseDoesNotKnowStaysAbsentWithoutAFlag() {
    SmallLookups countryOnly = SmallLookups.place("192.0.2.1", "FR", null, null);

    Checked known =
        check(aContract().geo(), event(Map.of(EventField.IP, "192.0.2.1")), countryOnly);
    Checked unknown =
        check(aContract().geo(), event(Map.of(EventField.IP, "192.0.2.9")), countryOnly);

    assertThat(known.content().fields())
        .containsEntry(EventField.COUNTRY, "FR")
        .doesNotContainKeys(EventField.REGION, EventField.CITY);
    assertThat(unknown.content().fields()).doesNotContainKey(EventField.COUNTRY);
    assertThat(unknown.flags()).isEmpty();
  }

  @Test
  void withoutADatabaseTheEventSaysSoIfItHasAnAddress() {
    assertThat(check(aContract().geo(), event(Map.of(EventField.IP, "192.0.2.1"))).flags())
        .containsExactly("ip:GEO_UNAVAILABLE");
    assertThat(check(aContract().geo(), event(Map.of())).flags()).isEmpty();
    assertThat(check(aContract(), event(Map.of(EventField.IP, "192.0.2.1"))).flags()).isEmpty();
  }

  @Test
  void theAddressIsLookedUpInItsNormalFormAndOnlyIfItHolds() {
    RuleBuilder ip = RuleBuilder.of(EventField.IP).normalised(new Normaliser.Trim()).length(0, 9);

    assertThat(
            check(aContract().geo().field(ip), event(Map.of(EventField.IP, " 192.0.2.1 ")), PARIS)
                .content()
                .text(EventField.CITY))
        .isEqualTo("Paris");
    Checked wrong =
        check(aContract().geo().field(ip), event(Map.of(EventField.IP, "192.0.2.1000")));
    assertThat(violations(wrong)).containsExactly("ip TOO_LONG");
    assertThat(wrong.flags()).isEmpty();
  }

  @Test
  void theRulesJudgeThePlaceThatIsPublishedAndADefaultIsOnlyTheLastResort() {
    ContractBuilder required =
        aContract().geo().field(RuleBuilder.of(EventField.COUNTRY).required().allowed("FR"));
    ContractBuilder withDefault =
        aContract().geo().field(RuleBuilder.of(EventField.COUNTRY).otherwise("ZZ"));

    assertThat(check(required, event(Map.of(EventField.IP, "192.0.2.1")), PARIS).violations())
        .isEmpty();
    assertThat(violations(check(required, event(Map.of(EventField.IP, "192.0.2.2")), PARIS)))
        .containsExactly("country MISSING_FIELD");
    assertThat(
            check(withDefault, event(Map.of(EventField.IP, "192.0.2.1")), PARIS)
                .content()
                .value("country"))
        .isEqualTo("FR");
    assertThat(
            check(withDefault, event(Map.of(EventField.IP, "192.0.2.2")), PARIS)
                .content()
                .value("country"))
        .isEqualTo("ZZ");
  }

  // PII

  @Test
  void onlyTheOutgoingContentIsConcealed() {
    ContractCheck contract =
        new ContractCheck(
            aContract()
                .field(RuleBuilder.of(EventField.EMAIL).pii(Pii.TOKENIZE))
                .attribute(RuleBuilder.of("name", Type.STRING).pii(Pii.MASK))
                .check("a", "email", equal("email", "a@example.org"))
                .build());
    EventContent sent =
        event(
            Map.of(EventField.EMAIL, "a@example.org", EventField.QUANTITY, 2L),
            Map.of("name", "Ann", "note", "Ann"));

    Checked checked = contract.check(sent, Set.of(), field -> RunningStats.NONE, SmallLookups.NONE);

    assertThat(checked).isEqualTo(new Checked(sent, List.of(), List.of()));
    assertThat(contract.conceal(checked.content(), SmallLookups.NONE))
        .isEqualTo(
            event(
                Map.of(EventField.EMAIL, "token of 13 characters", EventField.QUANTITY, 2L),
                Map.of("name", "***", "note", "Ann")));
  }

  @Test
  void anAttributeThatIsCalledLikeAFieldIsConcealedLikeIt() {
    ContractCheck contract =
        new ContractCheck(
            aContract().field(RuleBuilder.of(EventField.EMAIL).pii(Pii.TOKENIZE)).build());
    EventContent sent = event(Map.of(), Map.of("email", "a@example.org"));

    assertThat(contract.conceal(sent, SmallLookups.NONE))
        .isEqualTo(event(Map.of(), Map.of("email", "token of 13 characters")));
  }

  @Test
  void whatNamesAnEventOnEveryTopicCantBeConcealed() {
    for (RuleBuilder rule :
        List.of(
            RuleBuilder.of(EventField.EVENT_ID).pii(Pii.TOKENIZE),
            RuleBuilder.of(EventField.USER_ID).required().pii(Pii.MASK))) {
      assertThatThrownBy(() -> aContract().field(rule).build())
          .hasMessageContaining("is seen wherever its event goes");
    }
  }

  // Learning

  @Test
  void onlyFieldsWhoseRuleAsksForItAreLearnt() {
    ContractCheck contract =
        new ContractCheck(
            aContract()
                .field(
                    RuleBuilder.of(EventField.VALUE_MICROS)
                        .outlier(new Outlier(null, BigDecimal.TEN, null, 2)))
                .field(
                    RuleBuilder.of(EventField.QUANTITY)
                        .outlier(new Outlier(new Range(null, BigDecimal.ONE), null, null, 2)))
                .attribute(
                    RuleBuilder.of("clicks", Type.INTEGER)
                        .outlier(new Outlier(null, null, BigDecimal.TEN, 2)))
                .build());
    EventContent event =
        event(Map.of(EventField.VALUE_MICROS, 7L, EventField.QUANTITY, 3L), Map.of("clicks", 9L));

    assertThat(contract.learnable(event))
        .containsExactly(Map.entry("clicks", 9L), Map.entry("value_micros", 7L));
    assertThat(contract.learnable(event(Map.of()))).isEmpty();
    assertThat(contract.unlearn(Set.of("clicks", "gone", "quantity")))
        .containsExactlyInAnyOrder("gone", "quantity");
  }

  @Test
  void flagsNameTheFieldAndWhatIsOdd() {
    ContractBuilder contract =
        aContract()
            .field(
                RuleBuilder.of(EventField.QUANTITY)
                    .outlier(new Outlier(new Range(null, BigDecimal.ONE), null, null, 2)))
            .attribute(RuleBuilder.of("product", Type.STRING).reference("products", false));

    assertThat(
            check(contract, event(Map.of(EventField.QUANTITY, 3L), Map.of("product", "p"))).flags())
        .containsExactly("product:REFERENCE_UNAVAILABLE", "quantity:OUTLIER_BOUNDS");
  }

  // Contracts that can't be

  @Test
  void theLongestHorizonIsThatOfAnySource() {
    assertThat(aContract().horizonOf("a", Duration.ofDays(90)).build().longestHorizon())
        .isEqualTo(Duration.ofDays(90));
    assertThat(aContract().horizonOf("a", Duration.ofDays(1)).build().longestHorizon())
        .isEqualTo(Duration.ofDays(7));
  }

  @Test
  void aContractThatCantHoldIsRefused() {
    assertThatThrownBy(() -> aContract().field(RuleBuilder.of(EventField.USER_ID)).build())
        .hasMessage("user_id must be required");
    assertThatThrownBy(() -> aContract().longestText(0).build())
        .hasMessageContaining("longestText");
    assertThatThrownBy(() -> aContract().maxIds(7).build()).hasMessageContaining("maxIdsPerUser");
    assertThatThrownBy(() -> aContract().maxFuture(Duration.ofSeconds(-1)).build())
        .hasMessageContaining("maxFuture");
    assertThatThrownBy(() -> aContract().horizon(Duration.ZERO).build())
        .hasMessageContaining("horizon");
    assertThatThrownBy(() -> aContract().horizonOf("a", Duration.ZERO).build())
        .hasMessageContaining("horizon");
  }

  // What was published

  private static List<String> found(ContractBuilder contract, EventContent published) {
    return contract
        .build()
        .violations(
            Instant.parse("2026-01-01T12:00:00Z"),
            name ->
                published.value(name) != null
                    ? published.value(name)
                    : published.attributes().get(name))
        .stream()
        .map(violation -> violation.field() + " " + violation.rule())
        .toList();
  }

  @Test
  void nothingIsWrongWithWhatPassedHoweverItsRulesChangedIt() {
    ContractBuilder contract =
        aContract()
            .field(RuleBuilder.of(EventField.CITY).normalised(new Normaliser.Trim()).length(1, 6))
            .field(
                RuleBuilder.of(EventField.COUNTRY).required().otherwise("somewhere").length(2, 2))
            .field(RuleBuilder.of(EventField.EMAIL).pii(Pii.TOKENIZE).length(1, 5))
            .attribute(RuleBuilder.of("a", Type.NUMBER).range(BigDecimal.ONE, null))
            .check("mail", "email", new Equal(new Variable("email"), new Constant("a@b.c")));
    EventContent sent =
        event(
            Map.of(EventField.CITY, "  Berlin  ", EventField.EMAIL, "a@b.c"),
            Map.of("a", 3L, "other", "x".repeat(90)));

    Checked checked = check(contract, sent);
    EventContent published =
        new ContractCheck(contract.build()).conceal(checked.content(), SmallLookups.NONE);

    assertThat(checked.violations()).isEmpty();
    assertThat(published.text(EventField.EMAIL)).startsWith("token of");
    assertThat(found(contract, published)).isEmpty();
  }

  @Test
  void whatWasChangedAfterItPassedIsFoundByTheRuleThatItBreaks() {
    ContractBuilder contract =
        aContract()
            .maxFuture(Duration.ofMinutes(5))
            .field(RuleBuilder.of(EventField.CURRENCY).pattern("[A-Z]{3}"))
            .field(RuleBuilder.of(EventField.QUANTITY).range(BigDecimal.ZERO, BigDecimal.TEN))
            .field(RuleBuilder.of(EventField.CITY).length(2, 4))
            .field(RuleBuilder.of(EventField.COUNTRY).allowed("DE"))
            .field(RuleBuilder.of(EventField.PHONE).required().pii(Pii.MASK))
            .attribute(RuleBuilder.of("a", Type.INTEGER))
            .check("value", "value_micros", PURCHASE_HAS_VALUE);

    assertThat(
            found(
                contract,
                event(
                    Map.of(
                        EventField.EVENT_TIME, Instant.parse("2026-01-01T12:05:01Z"),
                        EventField.EVENT_TYPE, "purchase",
                        EventField.CURRENCY, "euro",
                        EventField.QUANTITY, 11L,
                        EventField.CITY, "B",
                        EventField.COUNTRY, "FR"),
                    Map.of("a", "text"))))
        .containsExactlyInAnyOrder(
            "currency PATTERN_MISMATCH",
            "quantity OUT_OF_RANGE",
            "city TOO_SHORT",
            "country NOT_ALLOWED",
            "phone MISSING_FIELD",
            "a WRONG_TYPE",
            "event_time EVENT_TIME_IN_FUTURE",
            "value_micros CHECK_FAILED");
  }
}

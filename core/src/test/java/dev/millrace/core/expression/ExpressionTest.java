package dev.millrace.core.expression;

import static dev.millrace.core.expression.Expression.NO_VALUE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.millrace.core.expression.Expression.Arithmetic;
import dev.millrace.core.expression.Expression.Comparison;
import dev.millrace.core.expression.Expression.Comparison.Order;
import dev.millrace.core.expression.Expression.Conditional;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Equal;
import dev.millrace.core.expression.Expression.Function;
import dev.millrace.core.expression.Expression.In;
import dev.millrace.core.expression.Expression.Junction;
import dev.millrace.core.expression.Expression.Matches;
import dev.millrace.core.expression.Expression.Negative;
import dev.millrace.core.expression.Expression.Not;
import dev.millrace.core.expression.Expression.TextTest;
import dev.millrace.core.expression.Expression.Variable;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The meaning of each form; schemas compares random expressions with CEL's own runtime. */
class ExpressionTest {

  private static final Instant SUNDAY_NIGHT = Instant.parse("2026-01-04T23:59:59.999Z");
  private static final Object[] ANYTHING = {null, NO_VALUE, true, 1L, 1.5, "a", SUNDAY_NIGHT};

  private static Object value(Expression expression) {
    return expression.evaluate(name -> null);
  }

  private static Expression of(Object value) {
    return value == NO_VALUE
        ? new Arithmetic(Arithmetic.Operator.DIVIDE, new Constant(1L), new Constant(0L))
        : new Constant(value);
  }

  private static Object equal(Object a, Object b) {
    return value(new Equal(of(a), of(b)));
  }

  private static Object compare(Object a, Order order, Object b) {
    return value(new Comparison(order, of(a), of(b)));
  }

  private static Object compute(Object a, Arithmetic.Operator operator, Object b) {
    return value(new Arithmetic(operator, of(a), of(b)));
  }

  private static Object and(Object... operands) {
    return value(new Junction(false, Arrays.stream(operands).map(ExpressionTest::of).toList()));
  }

  private static Object or(Object... operands) {
    return value(new Junction(true, Arrays.stream(operands).map(ExpressionTest::of).toList()));
  }

  private static Object apply(Function.Kind kind, Object value) {
    return value(new Function(kind, of(value)));
  }

  @Test
  void aVariableIsWhatTheScopeSays() {
    Variable variable = new Variable("x");

    assertThat(variable.evaluate(name -> name + "!")).isEqualTo("x!");
    assertThat(variable.evaluate(name -> null)).isNull();
    assertThat(variable.evaluate(name -> NO_VALUE)).isSameAs(NO_VALUE);
    assertThat(new Equal(variable, of(null)).evaluate(name -> NO_VALUE)).isSameAs(NO_VALUE);
  }

  @Test
  void onlyTrueIsTrue() {
    assertThat(of(true).isTrue(name -> null)).isTrue();
    for (Object other : new Object[] {false, null, NO_VALUE, "true", 1L}) {
      assertThat(of(other).isTrue(name -> null)).isFalse();
    }
  }

  @Test
  void aJunctionGetsByWithoutASideIfTheOtherDecides() {
    assertThat(and(true, true)).isEqualTo(true);
    assertThat(and(true, false)).isEqualTo(false);
    assertThat(or(false, false)).isEqualTo(false);
    assertThat(or(false, true)).isEqualTo(true);
    for (Object odd : new Object[] {null, NO_VALUE, 1L}) {
      assertThat(and(odd, false)).isEqualTo(false);
      assertThat(and(false, odd)).isEqualTo(false);
      assertThat(and(odd, true)).isSameAs(NO_VALUE);
      assertThat(or(odd, true)).isEqualTo(true);
      assertThat(or(true, odd)).isEqualTo(true);
      assertThat(or(false, odd)).isSameAs(NO_VALUE);
    }
  }

  @Test
  void notAndConditionalNeedTruthOrFalsehood() {
    assertThat(value(new Not(of(true)))).isEqualTo(false);
    assertThat(value(new Not(of(null)))).isSameAs(NO_VALUE);
    assertThat(value(new Conditional(of(true), of(1L), of(NO_VALUE)))).isEqualTo(1L);
    assertThat(value(new Conditional(of(false), of(NO_VALUE), of(null)))).isNull();
    assertThat(value(new Conditional(of(null), of(1L), of(1L)))).isSameAs(NO_VALUE);
  }

  @Test
  void onlyNullEqualsNullAndTypesDiffer() {
    for (Object one : ANYTHING) {
      for (Object other : ANYTHING) {
        Object expected = one == NO_VALUE || other == NO_VALUE ? NO_VALUE : (Object) (one == other);
        assertThat(equal(one, other)).as("%s == %s", one, other).isEqualTo(expected);
      }
    }
  }

  @Test
  void numbersAreEqualByValueWhateverTheirType() {
    assertThat(equal(1L, 1.0)).isEqualTo(true);
    assertThat(equal(1.0, 1L)).isEqualTo(true);
    assertThat(equal(1L, 1.5)).isEqualTo(false);
    assertThat(equal(-0.0, 0.0)).isEqualTo(true);
    assertThat(equal(0L, -0.0)).isEqualTo(true);
    assertThat(equal(Double.NaN, Double.NaN)).isEqualTo(false);
    assertThat(equal(0L, Double.NaN)).isEqualTo(false);
    assertThat(equal(Long.MAX_VALUE, 0x1p63)).isEqualTo(false);
    assertThat(equal(Long.MIN_VALUE, -0x1p63)).isEqualTo(true);
    assertThat(equal(9_007_199_254_740_993L, 9_007_199_254_740_992.0)).isEqualTo(false);
    assertThat(equal(Long.MAX_VALUE, Double.POSITIVE_INFINITY)).isEqualTo(false);
  }

  @Test
  void aListHoldsWhatEqualsOneOfItsElements() {
    assertThat(value(new In(of(2L), List.of(of(1L), of(2.0))))).isEqualTo(true);
    assertThat(value(new In(of("a"), List.of(of("b"))))).isEqualTo(false);
    assertThat(value(new In(of(null), List.of(of("b"), of(null))))).isEqualTo(true);
    assertThat(value(new In(of("a"), List.of()))).isEqualTo(false);
    assertThat(value(new In(of("a"), List.of(of("a"), of(NO_VALUE))))).isSameAs(NO_VALUE);
    assertThat(value(new In(of(NO_VALUE), List.of()))).isSameAs(NO_VALUE);
  }

  @Test
  void whatHasAnOrderIsCompared() {
    List<List<Object>> ascending =
        List.of(
            List.of(-1L, 0L),
            List.of(-1.5, -0.5),
            List.of("", "a"),
            List.of("a", "ab"),
            List.of("Z", "a"),
            List.of(false, true),
            List.of(Instant.EPOCH, SUNDAY_NIGHT));
    for (List<Object> pair : ascending) {
      Object a = pair.get(0);
      Object b = pair.get(1);
      assertThat(compare(a, Order.LESS, b)).isEqualTo(true);
      assertThat(compare(a, Order.LESS_OR_EQUAL, b)).isEqualTo(true);
      assertThat(compare(a, Order.GREATER, b)).isEqualTo(false);
      assertThat(compare(a, Order.GREATER_OR_EQUAL, b)).isEqualTo(false);
      assertThat(compare(a, Order.LESS, a)).isEqualTo(false);
      assertThat(compare(a, Order.LESS_OR_EQUAL, a)).isEqualTo(true);
      assertThat(compare(b, Order.GREATER, a)).isEqualTo(true);
      assertThat(compare(b, Order.GREATER_OR_EQUAL, b)).isEqualTo(true);
    }
  }

  @Test
  void whatHasNoOrderHasNoValue() {
    assertThat(compare(null, Order.LESS, 1L)).isSameAs(NO_VALUE);
    assertThat(compare(1L, Order.LESS, "1")).isSameAs(NO_VALUE);
    assertThat(compare(null, Order.LESS_OR_EQUAL, null)).isSameAs(NO_VALUE);
    assertThat(compare(NO_VALUE, Order.LESS, NO_VALUE)).isSameAs(NO_VALUE);
  }

  @Test
  void notANumberIsNeitherLessNorGreaterNorEqual() {
    for (Order order : Order.values()) {
      assertThat(compare(Double.NaN, order, 1.0)).isEqualTo(false);
      assertThat(compare(Double.NaN, order, Double.NaN)).isEqualTo(false);
    }
    assertThat(compare(-0.0, Order.LESS, 0.0)).isEqualTo(false);
    assertThat(compare(-0.0, Order.GREATER_OR_EQUAL, 0.0)).isEqualTo(true);
  }

  /** The order of code points; Java's own would put every emoji before U+FF21. */
  @Test
  void textsAreOrderedByTheirCharacters() {
    List<String> ascending =
        List.of("", "a", "a\ud7ff", "a\ue000", "aＡ", "a😀", "a😀a", "a😁", "b");
    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        assertThat(compare(ascending.get(i), Order.LESS, ascending.get(j)))
            .as("%s < %s", ascending.get(i), ascending.get(j))
            .isEqualTo(i < j);
      }
    }
  }

  @Test
  void wholeNumbersThatDoNotFitHaveNoValue() {
    assertThat(compute(7L, Arithmetic.Operator.DIVIDE, -2L)).isEqualTo(-3L);
    assertThat(compute(7L, Arithmetic.Operator.MODULO, -2L)).isEqualTo(1L);
    assertThat(compute(-7L, Arithmetic.Operator.MODULO, 2L)).isEqualTo(-1L);
    assertThat(compute(Long.MAX_VALUE, Arithmetic.Operator.ADD, 1L)).isSameAs(NO_VALUE);
    assertThat(compute(Long.MIN_VALUE, Arithmetic.Operator.SUBTRACT, 1L)).isSameAs(NO_VALUE);
    assertThat(compute(Long.MIN_VALUE, Arithmetic.Operator.MULTIPLY, -1L)).isSameAs(NO_VALUE);
    assertThat(compute(Long.MIN_VALUE, Arithmetic.Operator.DIVIDE, -1L)).isSameAs(NO_VALUE);
    assertThat(compute(Long.MIN_VALUE, Arithmetic.Operator.MODULO, -1L)).isEqualTo(0L);
    assertThat(compute(1L, Arithmetic.Operator.DIVIDE, 0L)).isSameAs(NO_VALUE);
    assertThat(compute(1L, Arithmetic.Operator.MODULO, 0L)).isSameAs(NO_VALUE);
    assertThat(value(new Negative(of(5L)))).isEqualTo(-5L);
    assertThat(value(new Negative(of(Long.MIN_VALUE)))).isSameAs(NO_VALUE);
  }

  @Test
  void realNumbersFollowIeee754() {
    assertThat(compute(1.0, Arithmetic.Operator.DIVIDE, 0.0)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(compute(0.0, Arithmetic.Operator.DIVIDE, 0.0)).isEqualTo(Double.NaN);
    assertThat(compute(1.5, Arithmetic.Operator.ADD, 1.0)).isEqualTo(2.5);
    assertThat(compute(1.5, Arithmetic.Operator.SUBTRACT, 1.0)).isEqualTo(0.5);
    assertThat(compute(1.5, Arithmetic.Operator.MULTIPLY, 2.0)).isEqualTo(3.0);
    assertThat(compute(1.5, Arithmetic.Operator.MODULO, 1.0)).isSameAs(NO_VALUE);
    assertThat(value(new Negative(of(1.5)))).isEqualTo(-1.5);
  }

  @Test
  void textsAreAddedAndNothingElseIsMixed() {
    assertThat(compute("a", Arithmetic.Operator.ADD, "b")).isEqualTo("ab");
    assertThat(compute("a", Arithmetic.Operator.SUBTRACT, "b")).isSameAs(NO_VALUE);
    assertThat(compute(1L, Arithmetic.Operator.ADD, 1.0)).isSameAs(NO_VALUE);
    assertThat(compute(null, Arithmetic.Operator.ADD, 1L)).isSameAs(NO_VALUE);
    assertThat(value(new Negative(of("a")))).isSameAs(NO_VALUE);
  }

  @Test
  void textsAreSearched() {
    assertThat(test(TextTest.Kind.STARTS_WITH, "abc", "ab")).isEqualTo(true);
    assertThat(test(TextTest.Kind.ENDS_WITH, "abc", "ab")).isEqualTo(false);
    assertThat(test(TextTest.Kind.ENDS_WITH, "abc", "bc")).isEqualTo(true);
    assertThat(test(TextTest.Kind.CONTAINS, "abc", "b")).isEqualTo(true);
    assertThat(test(TextTest.Kind.CONTAINS, "abc", "")).isEqualTo(true);
    assertThat(test(TextTest.Kind.CONTAINS, null, "")).isSameAs(NO_VALUE);
    assertThat(test(TextTest.Kind.CONTAINS, "a", null)).isSameAs(NO_VALUE);
  }

  private static Object test(TextTest.Kind kind, Object text, Object part) {
    return value(new TextTest(kind, of(text), of(part)));
  }

  @Test
  void aPatternIsFoundAnywhere() {
    Pattern pattern = Pattern.compile("b+");

    assertThat(value(new Matches(of("abba"), pattern))).isEqualTo(true);
    assertThat(value(new Matches(of("a"), pattern))).isEqualTo(false);
    assertThat(value(new Matches(of(null), pattern))).isSameAs(NO_VALUE);
  }

  @Test
  void functionsHaveNoValueOfAnotherType() {
    for (Function.Kind kind : Function.Kind.values()) {
      for (Object other : new Object[] {null, NO_VALUE, true}) {
        assertThat(apply(kind, other)).isSameAs(NO_VALUE);
      }
    }
    assertThat(apply(Function.Kind.SIZE, "a😀")).isEqualTo(2L);
    assertThat(apply(Function.Kind.SIZE, 1L)).isSameAs(NO_VALUE);
    assertThat(apply(Function.Kind.HOURS, SUNDAY_NIGHT)).isEqualTo(23L);
    assertThat(apply(Function.Kind.HOURS, "a")).isSameAs(NO_VALUE);
    assertThat(apply(Function.Kind.DAY_OF_WEEK, SUNDAY_NIGHT)).isEqualTo(0L);
    assertThat(apply(Function.Kind.DAY_OF_WEEK, SUNDAY_NIGHT.plusMillis(1))).isEqualTo(1L);
    assertThat(apply(Function.Kind.DAY_OF_WEEK, 1L)).isSameAs(NO_VALUE);
    assertThat(apply(Function.Kind.TO_DOUBLE, 3L)).isEqualTo(3.0);
    assertThat(apply(Function.Kind.TO_DOUBLE, 3.5)).isEqualTo(3.5);
  }

  @Test
  void aRealNumberBecomesWholeIfItFits() {
    assertThat(apply(Function.Kind.TO_INT, 3L)).isEqualTo(3L);
    assertThat(apply(Function.Kind.TO_INT, -3.9)).isEqualTo(-3L);
    assertThat(apply(Function.Kind.TO_INT, 0x1p63)).isSameAs(NO_VALUE);
    assertThat(apply(Function.Kind.TO_INT, Math.nextDown(0x1p63)))
        .isEqualTo(9_223_372_036_854_774_784L);
    assertThat(apply(Function.Kind.TO_INT, -0x1p63)).isSameAs(NO_VALUE);
    assertThat(apply(Function.Kind.TO_INT, Double.NaN)).isSameAs(NO_VALUE);
    assertThat(apply(Function.Kind.TO_INT, Double.NEGATIVE_INFINITY)).isSameAs(NO_VALUE);
  }
}

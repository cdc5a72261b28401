package dev.millrace.core.expression;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.millrace.core.expression.Expression.Arithmetic;
import dev.millrace.core.expression.Expression.Comparison;
import dev.millrace.core.expression.Expression.Conditional;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Equal;
import dev.millrace.core.expression.Expression.Extreme;
import dev.millrace.core.expression.Expression.Function;
import dev.millrace.core.expression.Expression.In;
import dev.millrace.core.expression.Expression.Junction;
import dev.millrace.core.expression.Expression.Matches;
import dev.millrace.core.expression.Expression.Negative;
import dev.millrace.core.expression.Expression.Not;
import dev.millrace.core.expression.Expression.TextTest;
import dev.millrace.core.expression.Expression.Variable;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VariablesTest {

  private static final Expression A = new Variable("a");
  private static final Expression B = new Variable("b");

  static Stream<Expression> ofTwo() {
    return Stream.of(
        new Junction(true, List.of(A, B)),
        new Conditional(A, B, A),
        new Conditional(new Constant(true), A, B),
        new Equal(A, B),
        new In(A, List.of(new Constant(1L), B)),
        new Comparison(Comparison.Order.LESS, A, B),
        new Arithmetic(Arithmetic.Operator.ADD, A, B),
        new Extreme(true, A, B),
        new TextTest(TextTest.Kind.CONTAINS, A, B),
        new Equal(new Not(A), new Negative(B)),
        new Equal(new Matches(A, Pattern.compile("x")), new Function(Function.Kind.SIZE, B)));
  }

  @ParameterizedTest
  @MethodSource("ofTwo")
  void everyKindOfExpressionTellsWhatItReads(Expression expression) {
    assertThat(Variables.of(expression)).containsExactly("a", "b");
  }

  @Test
  void aConstantReadsNothing() {
    assertThat(Variables.of(new Constant(1L))).isEmpty();
  }
}

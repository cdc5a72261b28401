package dev.millrace.core.expression;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which variables an expression reads, whether or not it does so for every scope. */
public final class Variables {

  private Variables() {}

  /** Their names, sorted. */
  public static Set<String> of(Expression expression) {
    Set<String> names = new TreeSet<>();
    collect(expression, names);
    return names;
  }

  private static void collect(Expression expression, Set<String> names) {
    if (expression instanceof Expression.Variable variable) {
      names.add(variable.name());
    }
    operands(expression).forEach(operand -> collect(operand, names));
  }

  private static List<Expression> operands(Expression expression) {
    if (expression instanceof Expression.Constant || expression instanceof Expression.Variable) {
      return List.of();
    } else if (expression instanceof Expression.Not not) {
      return List.of(not.operand());
    } else if (expression instanceof Expression.Junction junction) {
      return junction.operands();
    } else if (expression instanceof Expression.Conditional choice) {
      return List.of(choice.condition(), choice.then(), choice.otherwise());
    } else if (expression instanceof Expression.Equal equal) {
      return List.of(equal.left(), equal.right());
    } else if (expression instanceof Expression.In in) {
      return Stream.concat(Stream.of(in.element()), in.list().stream()).toList();
    } else if (expression instanceof Expression.Comparison comparison) {
      return List.of(comparison.left(), comparison.right());
    } else if (expression instanceof Expression.Arithmetic arithmetic) {
      return List.of(arithmetic.left(), arithmetic.right());
    } else if (expression instanceof Expression.Extreme extreme) {
      return List.of(extreme.left(), extreme.right());
    } else if (expression instanceof Expression.Negative negative) {
      return List.of(negative.operand());
    } else if (expression instanceof Expression.TextTest test) {
      return List.of(test.text(), test.other());
    } else if (expression instanceof Expression.Matches matches) {
      return List.of(matches.text());
    } else if (expression instanceof Expression.Function function) {
      return List.of(function.operand());
    }
    throw new IllegalArgumentException("Nothing is known of " + expression);
  }
}

package dev.millrace.core.expression;

import com.google.re2j.Pattern;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A checked expression of the <a href="https://github.com/google/cel-spec">Common Expression
 * Language</a>: the part of it that declarations may use, with its meaning.
 *
 * <p>Values are String, Long, Double, Boolean, Instant, and null for a field that is absent. Where
 * CEL fails, say to compare an absent number or to divide by zero, an expression here has {@link
 * #NO_VALUE}; {@code &&} and {@code ||} get by without a side that has none if the other decides.
 */
public sealed interface Expression {

  /** What an expression gives that CEL would fail on. */
  Object NO_VALUE = new Object[0];

  /** Where variables come from. */
  @FunctionalInterface
  interface Scope {
    /** The variable's value; null if it is absent, {@link #NO_VALUE} if it can't be told. */
    @Nullable Object value(String variable);
  }

  /** The value, null, or {@link #NO_VALUE}; never an exception. */
  @Nullable Object evaluate(Scope scope);

  /** Whether the expression is true; something that has no value is not. */
  default boolean isTrue(Scope scope) {
    return Boolean.TRUE.equals(evaluate(scope));
  }

  record Constant(@Nullable Object value) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      return value;
    }
  }

  record Variable(String name) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      return scope.value(name);
    }
  }

  record Not(Expression operand) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      return operand.evaluate(scope) instanceof Boolean value ? !value : NO_VALUE;
    }
  }

  /** {@code &&} with {@code decisive} false, {@code ||} with true. */
  record Junction(boolean decisive, List<Expression> operands) implements Expression {

    public Junction {
      operands = List.copyOf(operands);
    }

    @Override
    public @Nullable Object evaluate(Scope scope) {
      boolean unknown = false;
      for (Expression operand : operands) {
        if (operand.evaluate(scope) instanceof Boolean value) {
          if (value == decisive) {
            return decisive;
          }
        } else {
          unknown = true;
        }
      }
      return unknown ? NO_VALUE : !decisive;
    }
  }

  record Conditional(Expression condition, Expression then, Expression otherwise)
      implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      return condition.evaluate(scope) instanceof Boolean value
          ? (value ? then : otherwise).evaluate(scope)
          : NO_VALUE;
    }
  }

  /** {@code ==}; numbers by their value, other values of different types differ. */
  record Equal(Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object a = left.evaluate(scope);
      @Nullable Object b = right.evaluate(scope);
      return a == NO_VALUE || b == NO_VALUE ? NO_VALUE : Values.equal(a, b);
    }
  }

  record In(Expression element, List<Expression> list) implements Expression {

    public In {
      list = List.copyOf(list);
    }

    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object value = element.evaluate(scope);
      boolean found = false;
      boolean failed = value == NO_VALUE;
      for (Expression candidate : list) {
        @Nullable Object other = candidate.evaluate(scope);
        failed |= other == NO_VALUE;
        found |= Values.equal(value, other);
      }
      return failed ? NO_VALUE : found;
    }
  }

  record Comparison(Order order, Expression left, Expression right) implements Expression {

    public enum Order {
      LESS,
      LESS_OR_EQUAL,
      GREATER,
      GREATER_OR_EQUAL
    }

    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object a = left.evaluate(scope);
      @Nullable Object b = right.evaluate(scope);
      if (a instanceof Double x && b instanceof Double y) {
        // Not by compare(): NaN is neither less nor greater, and -0.0 is not less than 0.0.
        return switch (order) {
          case LESS -> x < y;
          case LESS_OR_EQUAL -> x <= y;
          case GREATER -> x > y;
          case GREATER_OR_EQUAL -> x >= y;
        };
      }
      @Nullable Integer sign = Values.compare(a, b);
      if (sign == null) {
        return NO_VALUE;
      }
      return switch (order) {
        case LESS -> sign < 0;
        case LESS_OR_EQUAL -> sign <= 0;
        case GREATER -> sign > 0;
        case GREATER_OR_EQUAL -> sign >= 0;
      };
    }
  }

  record Arithmetic(Operator operator, Expression left, Expression right) implements Expression {

    public enum Operator {
      ADD,
      SUBTRACT,
      MULTIPLY,
      DIVIDE,
      MODULO
    }

    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object a = left.evaluate(scope);
      @Nullable Object b = right.evaluate(scope);
      if (a instanceof Long x && b instanceof Long y) {
        return Values.integer(operator, x, y);
      }
      if (a instanceof Double x && b instanceof Double y) {
        return switch (operator) {
          case ADD -> x + y;
          case SUBTRACT -> x - y;
          case MULTIPLY -> x * y;
          case DIVIDE -> x / y;
          case MODULO -> NO_VALUE;
        };
      }
      return operator == Operator.ADD && a instanceof String x && b instanceof String y
          ? x + y
          : NO_VALUE;
    }
  }

  /** {@code max(a, b)} or {@code min(a, b)} of two numbers of one type. */
  record Extreme(boolean greatest, Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object a = left.evaluate(scope);
      @Nullable Object b = right.evaluate(scope);
      if (a instanceof Long x && b instanceof Long y) {
        return greatest ? Math.max(x, y) : Math.min(x, y);
      }
      if (a instanceof Double x && b instanceof Double y) {
        return greatest ? Math.max(x, y) : Math.min(x, y);
      }
      return NO_VALUE;
    }
  }

  record Negative(Expression operand) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object value = operand.evaluate(scope);
      if (value instanceof Long number) {
        return number == Long.MIN_VALUE ? NO_VALUE : -number;
      }
      return value instanceof Double number ? -number : NO_VALUE;
    }
  }

  /** A function of one text and another. */
  record TextTest(Kind kind, Expression text, Expression other) implements Expression {

    public enum Kind {
      STARTS_WITH,
      ENDS_WITH,
      CONTAINS
    }

    @Override
    public @Nullable Object evaluate(Scope scope) {
      if (text.evaluate(scope) instanceof String whole
          && other.evaluate(scope) instanceof String part) {
        return switch (kind) {
          case STARTS_WITH -> whole.startsWith(part);
          case ENDS_WITH -> whole.endsWith(part);
          case CONTAINS -> whole.contains(part);
        };
      }
      return NO_VALUE;
    }
  }

  /** Whether the pattern, RE2, is found anywhere in the text; linear in its length. */
  record Matches(Expression text, Pattern pattern) implements Expression {
    @Override
    public @Nullable Object evaluate(Scope scope) {
      return text.evaluate(scope) instanceof String whole
          ? (Object) pattern.matcher(whole).find()
          : NO_VALUE;
    }
  }

  /** A function of one value. */
  record Function(Kind kind, Expression operand) implements Expression {

    public enum Kind {
      /** Unicode characters of a text. */
      SIZE,
      TO_INT,
      TO_DOUBLE,
      /** UTC, 0 to 23. */
      HOURS,
      /** UTC, Sunday is 0. */
      DAY_OF_WEEK
    }

    @Override
    public @Nullable Object evaluate(Scope scope) {
      @Nullable Object value = operand.evaluate(scope);
      return switch (kind) {
        case SIZE ->
            value instanceof String text
                ? (Object) (long) text.codePointCount(0, text.length())
                : NO_VALUE;
        case TO_INT -> Values.toLong(value);
        case TO_DOUBLE -> value instanceof Number number ? number.doubleValue() : NO_VALUE;
        case HOURS ->
            value instanceof Instant time
                ? (Object) (long) time.atOffset(ZoneOffset.UTC).getHour()
                : NO_VALUE;
        case DAY_OF_WEEK ->
            value instanceof Instant time
                ? (Object) (long) (time.atOffset(ZoneOffset.UTC).getDayOfWeek().getValue() % 7)
                : NO_VALUE;
      };
    }
  }

  /** CEL's equality, order and integer arithmetic. */
  final class Values {

    private static final double TWO_TO_63 = 0x1p63;

    private Values() {}

    static boolean equal(@Nullable Object a, @Nullable Object b) {
      if (a instanceof Double x && b instanceof Double y) {
        return x.doubleValue() == y.doubleValue();
      }
      if (a instanceof Long x && b instanceof Double y) {
        return equal(x, y);
      }
      if (a instanceof Double x && b instanceof Long y) {
        return equal(y, x);
      }
      return Objects.equals(a, b);
    }

    /** Exactly: to widen the whole number would make different ones equal. */
    private static boolean equal(Long whole, Double real) {
      return real >= -TWO_TO_63
          && real < TWO_TO_63
          && real.longValue() == whole
          && real == Math.rint(real);
    }

    /** By characters, as CEL orders them: chars alone would put an emoji before U+FFFD. */
    private static int compareTexts(String a, String b) {
      int shared = Math.min(a.length(), b.length());
      for (int i = 0; i < shared; i++) {
        char x = a.charAt(i);
        char y = b.charAt(i);
        if (x != y) {
          boolean beyond = Character.isSurrogate(x);
          return beyond == Character.isSurrogate(y) ? Character.compare(x, y) : beyond ? 1 : -1;
        }
      }
      return Integer.compare(a.length(), b.length());
    }

    /** Null if the two have no order. */
    static @Nullable Integer compare(@Nullable Object a, @Nullable Object b) {
      if (a instanceof Long x && b instanceof Long y) {
        return x.compareTo(y);
      }
      if (a instanceof String x && b instanceof String y) {
        return compareTexts(x, y);
      }
      if (a instanceof Instant x && b instanceof Instant y) {
        return x.compareTo(y);
      }
      return a instanceof Boolean x && b instanceof Boolean y ? (Integer) x.compareTo(y) : null;
    }

    static Object integer(Arithmetic.Operator operator, long x, long y) {
      try {
        return switch (operator) {
          case ADD -> Math.addExact(x, y);
          case SUBTRACT -> Math.subtractExact(x, y);
          case MULTIPLY -> Math.multiplyExact(x, y);
          case DIVIDE -> x == Long.MIN_VALUE && y == -1 ? NO_VALUE : (Object) (x / y);
          case MODULO -> x % y;
        };
      } catch (ArithmeticException e) {
        return NO_VALUE; // overflow, or division by zero
      }
    }

    static Object toLong(@Nullable Object value) {
      if (value instanceof Long) {
        return value;
      }
      // CEL refuses what lies at the edge or beyond, and NaN.
      return value instanceof Double real && real > -TWO_TO_63 && real < TWO_TO_63
          ? (Object) real.longValue()
          : NO_VALUE;
    }
  }
}

package dev.millrace.schemas;

import static dev.millrace.core.expression.Expression.NO_VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.millrace.core.cleansing.FieldRule.Type;
import dev.millrace.core.expression.Expression;
import dev.millrace.schemas.Cel.ExpressionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Expressions mean what CEL's own runtime makes of them: the same value, and none where CEL fails.
 * Where that runtime, for Java, deviates from CEL's specification, we follow the specification: in
 * what an absent operand is beside one that decides, in the equality of NaN, of -0.0 and at 2⁶³,
 * and in the order of characters beyond U+FFFF. The tests of these stand apart, and the oracle is
 * not asked. A build compares 25 × 120 expressions; {@code -Dmillrace.expressions=N} N × 120. A
 * failure names its seed, and the seed replays it.
 */
class CelTest {

  private static final Map<String, Type> VARIABLES =
      new TreeMap<>(
          Map.of(
              "s", Type.STRING,
              "s2", Type.STRING,
              "i", Type.INTEGER,
              "i2", Type.MICROS,
              "d", Type.NUMBER,
              "d2", Type.NUMBER,
              "b", Type.BOOLEAN,
              "b2", Type.BOOLEAN,
              "t", Type.TIME,
              "t2", Type.TIME));

  private static final Cel CEL = new Cel(VARIABLES);

  private static Object evaluate(String condition) {
    return evaluate(condition, Map.of());
  }

  private static Object evaluate(String condition, Map<String, Object> event) {
    try {
      return CEL.condition(condition).evaluate(event::get);
    } catch (ExpressionException e) {
      throw new AssertionError(condition, e);
    }
  }

  // What is refused, and how

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "i                             | the expression gives int and must give true or false",
        "'yes'                         | the expression gives string and must give true or false",
        "nose == 1                     | column 1: undeclared reference to 'nose', known are b, b2,"
            + " d, d2, i, i2, s, s2, t, t2",
        "i == 'a'                      | column 3: found no matching overload for '_==_' applied to"
            + " '(wrapper(int), string)' (candidates: (%A0, %A0))",
        "i <                           | column 4: mismatched input '<EOF>' expecting",
        "b ? b : 1                     | column 3: found no matching overload for '_?_:_'",
        "has(s.t)                      | column 4: undeclared reference to 'has', known are",
        "i in {1: true}                | 'in' of such values can't be used here; use ==, !=",
        "[1] == [1]                    | this form can't be used here; use ==",
        "{'a': 1} == {'a': 1}          | this form can't be used here; use ==",
        "[1][0] == 1                   | '[]' of such values can't be used here; use ==",
        "size([1]) == 1                | 'size' of such values can't be used here; use ==",
        "b\"a\" == b\"a\"              | a constant of this type can't be used here; use ==",
        "1u == 1u                      | a constant of this type can't be used here; use ==",
        "int(s) == 1                   | 'int' of such values can't be used here; use ==",
        "int(t) == 1                   | 'int' of such values can't be used here; use ==",
        "double(s) == 1.0              | 'double' of such values can't be used here; use ==",
        "string(i) == 'a'              | 'string' of such values can't be used here; use ==",
        "dyn(i) == 1                   | 'dyn' of such values can't be used here; use ==",
        "t - t2 == t2 - t              | '-' of such values can't be used here; use ==",
        "t + duration('1h') > t        | '+' of such values can't be used here; use ==",
        "duration('1h') == duration('1h') | 'duration' of such values can't be used here; use ==",
        "t.getHours('Europe/Berlin') == 1 | 'getHours' of such values can't be used here; use ==",
        "t.getFullYear() == 1          | 'getFullYear' of such values can't be used here; use ==",
        "timestamp(5) < t              | 'timestamp' of such values can't be used here; use ==",
        "timestamp(s) < t              | a timestamp of something that is no text in quotes can't"
            + " be used here; use ==",
        "timestamp('noon') < t         | write a timestamp like timestamp('2026-01-01T00:00:00Z')",
        "i in s                        | column 3: found no matching overload for '@in'",
        "s.matches(s2)                 | a pattern that is no constant can't be used here; use ==",
        "s.matches('(')                | the pattern is none of RE2: error parsing regexp: missing"
            + " closing ): `(`",
        "s.matches('((a{99}){99}){99}') | the pattern is too big: write one of at most 1000"
            + " characters, 100 groups and 10000 repetitions",
        "s.charAt(0) == 'a'            | column 9: undeclared reference to 'charAt', known are",
        "type(i) == int                | 'type' of such values can't be used here; use ==",
        "[1, 2].exists(x, x == i)      | column 14: undeclared reference to 'exists', known are"
      })
  void whatCantBeUsedIsToldWithARemedy(String expression, String message) {
    assertThatThrownBy(() -> CEL.condition(expression))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void theRemedyListsAllThatIsKnown() {
    assertThatThrownBy(() -> CEL.condition("string(i) == 'a'"))
        .hasMessage(
            "'string' of such values can't be used here; use ==, !=, <, <=, >, >=, &&, ||, !, ?:,"
                + " in [...], +, -, *, /, %, max, min, size, startsWith, endsWith, contains, matches, int and"
                + " double of numbers, timestamp, getHours and getDayOfWeek");
  }

  @Test
  void aTextIsAskedForWhereATextIsExpected() throws ExpressionException {
    assertThat(CEL.text("b ? s : 'none'").evaluate(Map.<String, Object>of("b", false)::get))
        .isEqualTo("none");
    assertThat(CEL.text("s").evaluate(name -> null)).isNull();
    assertThatThrownBy(() -> CEL.text("i"))
        .hasMessage("the expression gives int and must give a text");
  }

  @Test
  void severalProblemsOfAnExpressionAreToldTogether() {
    assertThatThrownBy(() -> CEL.condition("nose == 1 && ear == 2"))
        .hasMessageContaining("column 1: undeclared reference to 'nose'")
        .hasMessageContaining("; column 14: undeclared reference to 'ear'");
  }

  @Test
  void anExpressionIsBoundedInLengthAndDepth() {
    assertThatThrownBy(() -> CEL.condition("true" + " && true".repeat(1_000)))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining("4096");
    assertThatThrownBy(() -> CEL.condition("(".repeat(100) + "true" + ")".repeat(100)))
        .isInstanceOf(ExpressionException.class);
  }

  @Test
  void theLongestChainsOfOperatorsAreEvaluatedOrRefused() {
    for (String operator : List.of(" && b", " || b", " == b", " ? b : b")) {
      compileOrRefuse("b" + operator.repeat(4_090 / operator.length()));
    }
    for (String operator : List.of("+1", "-1", "*1", "/1", "%1")) {
      compileOrRefuse("i" + operator.repeat(4_000 / operator.length()) + " == 1");
    }
    compileOrRefuse("-".repeat(4_000) + "i == 1");
    compileOrRefuse("!".repeat(4_000) + "b");
  }

  private static void compileOrRefuse(String text) {
    try {
      CEL.condition(text).evaluate(Map.<String, Object>of("b", true, "i", 1L)::get);
    } catch (ExpressionException e) {
      assertThat(e).hasMessageNotContaining("StackOverflow");
    }
  }

  // CEL's specification where its runtime for Java deviates

  @Test
  void whatIsAbsentLeavesItToTheOtherSideToDecide() {
    assertThat(evaluate("b && false")).isEqualTo(false);
    assertThat(evaluate("false && b")).isEqualTo(false);
    assertThat(evaluate("b || true")).isEqualTo(true);
    assertThat(evaluate("b && true")).isSameAs(NO_VALUE);
  }

  @Test
  void notANumberEqualsNothingZeroHasNoSignAndNothingIsRounded() {
    assertThat(evaluate("d == d", Map.of("d", Double.NaN))).isEqualTo(false);
    assertThat(evaluate("d != d", Map.of("d", Double.NaN))).isEqualTo(true);
    assertThat(evaluate("d in [d, null]", Map.of("d", Double.NaN))).isEqualTo(false);
    assertThat(evaluate("d == 0.0", Map.of("d", -0.0))).isEqualTo(true);
    assertThat(evaluate("i in [d, null]", Map.of("d", -0.0, "i", 0L))).isEqualTo(true);
    assertThat(evaluate("i in [d, null]", Map.of("d", 0x1p63, "i", Long.MAX_VALUE)))
        .isEqualTo(false);
  }

  @Test
  void textsAreOrderedByCodePoint() {
    assertThat(evaluate("'\\uFF21' < '\\U0001F600'")).isEqualTo(true);
    assertThat(evaluate("s < s2", Map.of("s", "\uff21", "s2", "\ud83d\ude00"))).isEqualTo(true);
  }

  // The oracle

  private static CelType nullable(Type type) {
    return NullableType.create(
        switch (type) {
          case STRING -> SimpleType.STRING;
          case INTEGER, MICROS -> SimpleType.INT;
          case NUMBER -> SimpleType.DOUBLE;
          case BOOLEAN -> SimpleType.BOOL;
          case TIME -> SimpleType.TIMESTAMP;
        });
  }

  /** CEL's own compiler and runtime, as they come. */
  private static final CelCompiler COMPILER = compiler();

  private static final CelRuntime RUNTIME = CelRuntimeFactory.standardCelRuntimeBuilder().build();

  private static CelCompiler compiler() {
    CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder();
    VARIABLES.forEach((name, type) -> builder.addVar(name, nullable(type)));
    return builder.build();
  }

  /** What the oracle says: a value, or that it fails and why. */
  private record Verdict(Object value, String failure) {}

  private static Verdict oracle(CelAbstractSyntaxTree checked, Map<String, Object> event) {
    Map<String, Object> bound = new HashMap<>();
    VARIABLES
        .keySet()
        .forEach(name -> bound.put(name, event.getOrDefault(name, NullValue.NULL_VALUE)));
    try {
      Object value = RUNTIME.createProgram(checked).eval(bound);
      return new Verdict(value instanceof NullValue ? null : value, null);
    } catch (CelEvaluationException e) {
      return new Verdict(NO_VALUE, String.valueOf(e.getMessage()));
    }
  }

  /** An expression of every form we know, of the type that is asked for. */
  private record Writer(Random random) {

    private static final List<String> TEXTS =
        List.of("''", "'a'", "'ab'", "'B'", "'é'", "'日本'", "'😀'", "'a😀b'", "\"it's\"", "'\\n'");
    private static final List<String> INTEGERS =
        List.of("0", "1", "2", "7", "-1", "1000000", "9223372036854775807", "-9223372036854775808");
    private static final List<String> REALS =
        List.of(
            "0.0",
            "1.0",
            "-0.0",
            "2.5",
            "-1.5e300",
            "1e300",
            "(0.0 / 0.0)",
            "(1.0 / 0.0)",
            "9223372036854775807.0",
            "-9223372036854775808.0",
            "1e-300");
    private static final List<String> TIMES =
        List.of(
            "timestamp('1970-01-01T00:00:00Z')",
            "timestamp('2026-01-04T23:59:59.999999Z')",
            "timestamp('0001-01-01T00:00:00Z')");
    private static final List<String> PATTERNS =
        List.of("'a'", "'^a$'", "'[ab]{2}'", "'^.$'", "''");
    private static final List<Type> TYPES =
        List.of(Type.STRING, Type.INTEGER, Type.NUMBER, Type.BOOLEAN, Type.TIME);

    private String pick(List<String> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    String any(Type type, int depth) {
      if (depth <= 0 || random.nextInt(6) == 0) {
        return leaf(type);
      }
      if (random.nextInt(8) == 0) {
        return "(%s ? %s : %s)"
            .formatted(any(Type.BOOLEAN, depth - 1), any(type, depth - 1), any(type, depth - 1));
      }
      return switch (type) {
        case STRING -> "(%s + %s)".formatted(any(type, depth - 1), any(type, depth - 1));
        case INTEGER, MICROS -> integer(depth - 1);
        case NUMBER -> real(depth - 1);
        case BOOLEAN -> condition(depth - 1);
        case TIME -> leaf(type);
      };
    }

    private String leaf(Type type) {
      boolean variable = random.nextInt(3) > 0;
      return switch (type) {
        case STRING -> variable ? pick(List.of("s", "s2")) : pick(TEXTS);
        case INTEGER, MICROS -> variable ? pick(List.of("i", "i2")) : pick(INTEGERS);
        case NUMBER -> variable ? pick(List.of("d", "d2")) : pick(REALS);
        case BOOLEAN -> variable ? pick(List.of("b", "b2")) : pick(List.of("true", "false"));
        case TIME -> variable ? pick(List.of("t", "t2")) : pick(TIMES);
      };
    }

    private String integer(int depth) {
      return switch (random.nextInt(8)) {
        case 0 -> "size(%s)".formatted(any(Type.STRING, depth));
        case 1 -> "%s.size()".formatted(any(Type.STRING, depth));
        case 2 -> "int(%s)".formatted(any(pickType(Type.INTEGER, Type.NUMBER), depth));
        case 3 -> "%s.getHours()".formatted(any(Type.TIME, depth));
        case 4 -> "%s.getDayOfWeek()".formatted(any(Type.TIME, depth));
        case 5 -> "(-(%s))".formatted(any(Type.INTEGER, depth));
        default ->
            "(%s %s %s)"
                .formatted(
                    any(Type.INTEGER, depth),
                    pick(List.of("+", "-", "*", "/", "%")),
                    any(Type.INTEGER, depth));
      };
    }

    private String real(int depth) {
      return switch (random.nextInt(5)) {
        case 0 -> "double(%s)".formatted(any(pickType(Type.INTEGER, Type.NUMBER), depth));
        case 1 -> "(-(%s))".formatted(any(Type.NUMBER, depth));
        default ->
            "(%s %s %s)"
                .formatted(
                    any(Type.NUMBER, depth),
                    pick(List.of("+", "-", "*", "/")),
                    any(Type.NUMBER, depth));
      };
    }

    private String condition(int depth) {
      Type type = TYPES.get(random.nextInt(TYPES.size()));
      return switch (random.nextInt(10)) {
        case 0 -> "!%s".formatted(any(Type.BOOLEAN, depth));
        case 1, 2 ->
            "(%s %s %s)"
                .formatted(
                    any(Type.BOOLEAN, depth), pick(List.of("&&", "||")), any(Type.BOOLEAN, depth));
        case 3 -> "(%s in [%s])".formatted(equatable(type, depth), list(type, depth));
        case 4 -> "(%s %s null)".formatted(variable(type), pick(List.of("==", "!=")));
        case 5 ->
            "%s.%s(%s)"
                .formatted(
                    any(Type.STRING, depth),
                    pick(List.of("startsWith", "endsWith", "contains")),
                    any(Type.STRING, depth));
        case 6 -> "%s.matches(%s)".formatted(any(Type.STRING, depth), pick(PATTERNS));
        case 7 ->
            "(%s %s %s)"
                .formatted(
                    equatable(type, depth), pick(List.of("==", "!=")), equatable(type, depth));
        default ->
            "(%s %s %s)"
                .formatted(any(type, depth), pick(List.of("<", "<=", ">", ">=")), any(type, depth));
      };
    }

    /** Elements of one type, and sometimes others among them. */
    private String list(Type type, int depth) {
      List<String> elements = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        elements.add(equatable(type, depth - 1));
      }
      if (random.nextInt(3) == 0) {
        elements.add(pick(List.of("null", "0", "1", "7", "1.0", "2.5")));
      }
      return String.join(", ", elements);
    }

    /** No NaN and no -0.0, whose equality CEL's runtime has its own idea of. */
    private String equatable(Type type, int depth) {
      if (type != Type.NUMBER) {
        return any(type, depth);
      }
      return random.nextBoolean()
          ? "double(%s)".formatted(any(Type.INTEGER, depth))
          : pick(List.of("0.0", "1.0", "2.5", "1e300"));
    }

    private String variable(Type type) {
      return switch (type) {
        case STRING -> "s";
        case INTEGER, MICROS -> "i";
        case NUMBER -> "d";
        case BOOLEAN -> "b";
        case TIME -> "t";
      };
    }

    private Type pickType(Type one, Type other) {
      return random.nextBoolean() ? one : other;
    }

    /** With all that it says of truth if a junction asks: the runtime stops at one that is null. */
    Map<String, Object> eventFor(String text) {
      boolean junction = text.contains("&&") || text.contains("||");
      Map<String, Object> event = new HashMap<>();
      VARIABLES.forEach(
          (name, type) -> {
            if (random.nextInt(4) > 0 || junction && type == Type.BOOLEAN) {
              event.put(name, value(type));
            }
          });
      return event;
    }

    private Object value(Type type) {
      return switch (type) {
        case STRING -> List.of("", "a", "ab", "b", "é", "日本", "😀", "a😀b").get(random.nextInt(8));
        case INTEGER, MICROS ->
            List.of(0L, 1L, -1L, 2L, 7L, Long.MAX_VALUE, Long.MIN_VALUE, random.nextLong())
                .get(random.nextInt(8));
        case NUMBER ->
            List.of(0.0, -0.0, 1.0, 2.5, Double.NaN, Double.POSITIVE_INFINITY, 1e19, 7.0)
                .get(random.nextInt(8));
        case BOOLEAN -> random.nextBoolean();
        case TIME ->
            Instant.ofEpochSecond(random.nextLong(-62_135_596_800L, 253_402_300_800L), 123_456_000);
      };
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, Integer.getInteger("millrace.expressions", 25));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anExpressionMeansWhatCelsOwnRuntimeMakesOfIt(long seed) throws Exception {
    Writer writer = new Writer(new Random(seed));
    int compared = 0;
    for (int n = 0; n < 60; n++) {
      boolean condition = n % 3 > 0;
      String text = writer.any(condition ? Type.BOOLEAN : Type.STRING, 1 + n % 5);
      CelAbstractSyntaxTree checked;
      try {
        checked = COMPILER.compile(text).getAst();
      } catch (CelValidationException e) {
        continue; // a list or condition of types that don't go together
      }
      Expression ours = condition ? CEL.condition(text) : CEL.text(text);
      for (int k = 0; k < 5; k++) {
        Map<String, Object> event = writer.eventFor(text);
        Verdict verdict = oracle(checked, event);
        assertThat(ours.evaluate(event::get))
            .as("seed %d: %s with %s (%s)", seed, text, event, verdict.failure())
            .isEqualTo(verdict.value());
        compared++;
      }
    }
    assertThat(compared).as("seed %d", seed).isGreaterThan(200);
  }

  /** Whole, real and time values are compared through a variable that holds the oracle's. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void numbersAndTimesAreTheSameToo(long seed) throws Exception {
    Random random = new Random(seed);
    Writer writer = new Writer(random);
    for (int n = 0; n < 60; n++) {
      Type type = List.of(Type.INTEGER, Type.NUMBER, Type.TIME).get(n % 3);
      String result = Map.of(Type.INTEGER, "i2", Type.NUMBER, "d2", Type.TIME, "t2").get(type);
      // The result's variable must be free.
      String text = writer.any(type, 1 + n % 5).replace(result, result.substring(0, 1));
      CelAbstractSyntaxTree checked;
      try {
        checked = COMPILER.compile(text).getAst();
      } catch (CelValidationException e) {
        continue; // as above
      }
      Expression equal = CEL.condition("%s == %s".formatted(text, result));
      Expression isNumber = CEL.condition("%s == %s".formatted(text, text));
      for (int k = 0; k < 5; k++) {
        Map<String, Object> event = writer.eventFor(text);
        Verdict verdict = oracle(checked, event);
        event.remove(result);
        if (verdict.value() != null && verdict.value() != NO_VALUE) {
          event.put(result, verdict.value());
        }
        boolean nan = verdict.value() instanceof Double real && real.isNaN();
        assertThat((nan ? isNumber : equal).evaluate(event::get))
            .as("seed %d: %s with %s gives %s", seed, text, event, verdict)
            .isEqualTo(verdict.value() == NO_VALUE ? NO_VALUE : (Object) !nan);
      }
    }
  }
}

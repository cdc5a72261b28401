package dev.millrace.schemas;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.millrace.core.cleansing.FieldRule;
import dev.millrace.core.expression.Expression;
import dev.millrace.core.expression.Expression.Arithmetic;
import dev.millrace.core.expression.Expression.Comparison;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Function;
import dev.millrace.core.expression.Expression.Junction;
import dev.millrace.core.expression.Expression.TextTest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles expressions: CEL's own parser and checker say what is right, and what they accept
 * becomes the tree that {@code core} evaluates.
 */
final class Cel {

  /** An expression that can't be used; the message says why and what to do. */
  static final class ExpressionException extends Exception {
    ExpressionException(String message) {
      super(message);
    }
  }

  private static final int MAX_CHARACTERS = 4_096;
  private static final int MAX_DEPTH = 64;
  private static final String WHAT_IS_KNOWN =
      "use ==, !=, <, <=, >, >=, &&, ||, !, ?:, in [...], +, -, *, /, %, max, min, size, startsWith,"
          + " endsWith, contains, matches, int and double of numbers, timestamp, getHours and"
          + " getDayOfWeek";

  /** What CEL calls overloads: each function with the types of its operands. */
  private static final Set<String> MEANINGS =
      Set.of(
          "logical_and",
          "logical_or",
          "logical_not",
          "conditional",
          "equals",
          "not_equals",
          "in_list",
          "less_bool",
          "less_int64",
          "less_double",
          "less_string",
          "less_timestamp",
          "less_equals_bool",
          "less_equals_int64",
          "less_equals_double",
          "less_equals_string",
          "less_equals_timestamp",
          "greater_bool",
          "greater_int64",
          "greater_double",
          "greater_string",
          "greater_timestamp",
          "greater_equals_bool",
          "greater_equals_int64",
          "greater_equals_double",
          "greater_equals_string",
          "greater_equals_timestamp",
          "add_int64",
          "add_double",
          "add_string",
          "subtract_int64",
          "subtract_double",
          "multiply_int64",
          "multiply_double",
          "divide_int64",
          "divide_double",
          "modulo_int64",
          "max_int64",
          "max_double",
          "min_int64",
          "min_double",
          "negate_int64",
          "negate_double",
          "starts_with_string",
          "ends_with_string",
          "contains_string",
          "matches",
          "matches_string",
          "size_string",
          "string_size",
          "int64_to_int64",
          "double_to_int64",
          "double_to_double",
          "int64_to_double",
          "string_to_timestamp",
          "timestamp_to_hours",
          "timestamp_to_day_of_week");

  private static final List<FieldRule.Type> GIVEN =
      List.of(
          FieldRule.Type.BOOLEAN,
          FieldRule.Type.INTEGER,
          FieldRule.Type.NUMBER,
          FieldRule.Type.STRING);

  /** Of two numbers of one type; CEL has them as extensions only. */
  private static final List<CelFunctionDecl> EXTREMES =
      Stream.of("max", "min").map(Cel::extreme).toList();

  private final CelCompiler compiler;
  private final Map<String, FieldRule.Type> variables;

  /**
   * @param variables each may be absent; then it is null
   */
  Cel(Map<String, FieldRule.Type> variables) {
    this.variables = variables;
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(
                CelOptions.current()
                    .maxExpressionCodePointSize(MAX_CHARACTERS)
                    .maxParseRecursionDepth(MAX_DEPTH)
                    .build());
    EXTREMES.forEach(builder::addFunctionDeclarations);
    variables.forEach((name, type) -> builder.addVar(name, NullableType.create(simple(type))));
    this.compiler = builder.build();
  }

  private static CelFunctionDecl extreme(String name) {
    return CelFunctionDecl.newFunctionDeclaration(
        name,
        CelOverloadDecl.newGlobalOverload(
            name + "_int64", SimpleType.INT, SimpleType.INT, SimpleType.INT),
        CelOverloadDecl.newGlobalOverload(
            name + "_double", SimpleType.DOUBLE, SimpleType.DOUBLE, SimpleType.DOUBLE));
  }

  private static CelType simple(FieldRule.Type type) {
    return switch (type) {
      case STRING -> SimpleType.STRING;
      case INTEGER, MICROS -> SimpleType.INT;
      case NUMBER -> SimpleType.DOUBLE;
      case BOOLEAN -> SimpleType.BOOL;
      case TIME -> SimpleType.TIMESTAMP;
    };
  }

  /** An expression that is true or false. */
  Expression condition(String text) throws ExpressionException {
    return compile(text, SimpleType.BOOL, "true or false");
  }

  /** An expression with the type of what it gives. */
  record Typed(Expression expression, FieldRule.Type type) {}

  /** An expression that gives a number, a text, or true or false. */
  Typed any(String text) throws ExpressionException {
    CelAbstractSyntaxTree checked = checked(text);
    for (FieldRule.Type type : GIVEN) {
      if (gives(checked, simple(type))) {
        return new Typed(new Translation(checked.getReferenceMap()).tree(checked.getExpr()), type);
      }
    }
    throw new ExpressionException(
        "the expression gives %s and must give a number, a text, or true or false"
            .formatted(checked.getResultType().name()));
  }

  /** An expression that gives a text. */
  Expression text(String text) throws ExpressionException {
    return compile(text, SimpleType.STRING, "a text");
  }

  private Expression compile(String text, CelType expected, String inWords)
      throws ExpressionException {
    CelAbstractSyntaxTree checked = checked(text);
    if (!gives(checked, expected)) {
      throw new ExpressionException(
          "the expression gives %s and must give %s"
              .formatted(checked.getResultType().name(), inWords));
    }
    return new Translation(checked.getReferenceMap()).tree(checked.getExpr());
  }

  private static boolean gives(CelAbstractSyntaxTree checked, CelType expected) {
    CelType type = checked.getResultType();
    return type.equals(expected) || type.equals(NullableType.create(expected));
  }

  private CelAbstractSyntaxTree checked(String text) throws ExpressionException {
    try {
      return compiler.compile(text).getAst();
    } catch (CelValidationException e) {
      throw new ExpressionException(
          e.getErrors().stream().map(this::inWords).distinct().collect(Collectors.joining("; ")));
    }
  }

  private String inWords(CelIssue issue) {
    String message = issue.getMessage().replace(" (in container '')", "");
    String remedy =
        message.startsWith("undeclared reference")
            ? ", known are " + String.join(", ", variables.keySet())
            : "";
    return "column %d: %s%s".formatted(issue.getSourceLocation().getColumn() + 1, message, remedy);
  }

  private static ExpressionException unknown(String what) {
    return new ExpressionException(what + " can't be used here; " + WHAT_IS_KNOWN);
  }

  /** One checked expression on its way to a tree. */
  private static final class Translation {

    private final Map<Long, CelReference> meanings;

    Translation(Map<Long, CelReference> meanings) {
      this.meanings = meanings;
    }

    private Expression tree(CelExpr expr) throws ExpressionException {
      return switch (expr.exprKind().getKind()) {
        case CONSTANT -> new Constant(constant(expr.constant()));
        case IDENT -> new Expression.Variable(expr.ident().name());
        case CALL -> call(expr);
        default -> throw unknown("this form");
      };
    }

    private static @Nullable Object constant(CelConstant constant) throws ExpressionException {
      return switch (constant.getKind()) {
        case NULL_VALUE -> null;
        case BOOLEAN_VALUE -> constant.booleanValue();
        case INT64_VALUE -> constant.int64Value();
        case DOUBLE_VALUE -> constant.doubleValue();
        case STRING_VALUE -> constant.stringValue();
        default -> throw unknown("a constant of this type");
      };
    }

    private Expression call(CelExpr expr) throws ExpressionException {
      CelCall call = expr.call();
      requireKnown(expr);
      List<CelExpr> arguments = call.args();
      return switch (call.function()) {
        case "_&&_" -> new Junction(false, trees(arguments));
        case "_||_" -> new Junction(true, trees(arguments));
        case "!_" -> new Expression.Not(tree(arguments.get(0)));
        case "_?_:_" ->
            new Expression.Conditional(
                tree(arguments.get(0)), tree(arguments.get(1)), tree(arguments.get(2)));
        case "_==_" -> new Expression.Equal(tree(arguments.get(0)), tree(arguments.get(1)));
        case "_!=_" ->
            new Expression.Not(
                new Expression.Equal(tree(arguments.get(0)), tree(arguments.get(1))));
        case "@in" -> in(arguments.get(0), arguments.get(1));
        case "_<_" -> comparison(Comparison.Order.LESS, arguments);
        case "_<=_" -> comparison(Comparison.Order.LESS_OR_EQUAL, arguments);
        case "_>_" -> comparison(Comparison.Order.GREATER, arguments);
        case "_>=_" -> comparison(Comparison.Order.GREATER_OR_EQUAL, arguments);
        case "_+_" -> arithmetic(Arithmetic.Operator.ADD, arguments);
        case "_-_" -> arithmetic(Arithmetic.Operator.SUBTRACT, arguments);
        case "_*_" -> arithmetic(Arithmetic.Operator.MULTIPLY, arguments);
        case "_/_" -> arithmetic(Arithmetic.Operator.DIVIDE, arguments);
        case "_%_" -> arithmetic(Arithmetic.Operator.MODULO, arguments);
        case "-_" -> new Expression.Negative(tree(arguments.get(0)));
        case "startsWith" -> textTest(TextTest.Kind.STARTS_WITH, call);
        case "endsWith" -> textTest(TextTest.Kind.ENDS_WITH, call);
        case "contains" -> textTest(TextTest.Kind.CONTAINS, call);
        case "matches" -> matches(call);
        case "max" -> extreme(true, arguments);
        case "min" -> extreme(false, arguments);
        case "size" -> function(Function.Kind.SIZE, call);
        case "int" -> function(Function.Kind.TO_INT, call);
        case "double" -> function(Function.Kind.TO_DOUBLE, call);
        case "getHours" -> function(Function.Kind.HOURS, call);
        case "getDayOfWeek" -> function(Function.Kind.DAY_OF_WEEK, call);
        case "timestamp" -> new Constant(timestamp(arguments.get(0)));
        default -> throw unknown("the function " + call.function());
      };
    }

    /** One name has many meanings in CEL, and only some of them are ours. */
    private void requireKnown(CelExpr expr) throws ExpressionException {
      CelReference meaning =
          Objects.requireNonNull(meanings.get(expr.id()), "the checker names it");
      if (!MEANINGS.containsAll(meaning.overloadIds())) {
        String name = expr.call().function().replaceAll("[_@]", "");
        throw unknown("'%s' of such values".formatted(name));
      }
    }

    private List<Expression> trees(List<CelExpr> exprs) throws ExpressionException {
      Expression[] trees = new Expression[exprs.size()];
      for (int i = 0; i < trees.length; i++) {
        trees[i] = tree(exprs.get(i));
      }
      return List.of(trees);
    }

    private Expression in(CelExpr element, CelExpr list) throws ExpressionException {
      if (list.exprKind().getKind() != CelExpr.ExprKind.Kind.LIST) {
        throw unknown("'in' something that is no list in brackets");
      }
      return new Expression.In(tree(element), trees(list.list().elements()));
    }

    private Expression comparison(Comparison.Order order, List<CelExpr> arguments)
        throws ExpressionException {
      return new Comparison(order, tree(arguments.get(0)), tree(arguments.get(1)));
    }

    private Expression arithmetic(Arithmetic.Operator operator, List<CelExpr> arguments)
        throws ExpressionException {
      return new Arithmetic(operator, tree(arguments.get(0)), tree(arguments.get(1)));
    }

    private Expression extreme(boolean greatest, List<CelExpr> arguments)
        throws ExpressionException {
      return new Expression.Extreme(greatest, tree(arguments.get(0)), tree(arguments.get(1)));
    }

    private Expression textTest(TextTest.Kind kind, CelCall call) throws ExpressionException {
      CelExpr target = call.target().orElseThrow(() -> unknown("this form of a function"));
      return new TextTest(kind, tree(target), tree(call.args().get(0)));
    }

    private Expression matches(CelCall call) throws ExpressionException {
      CelExpr target = call.target().isPresent() ? call.target().get() : call.args().get(0);
      CelExpr pattern = call.args().get(call.args().size() - 1);
      if (!(tree(pattern) instanceof Constant constant)
          || !(constant.value() instanceof String text)) {
        throw unknown("a pattern that is no constant");
      }
      try {
        return new Expression.Matches(tree(target), Re2.compile(text));
      } catch (IllegalArgumentException e) {
        throw new ExpressionException(String.valueOf(e.getMessage()));
      }
    }

    private Expression function(Function.Kind kind, CelCall call) throws ExpressionException {
      return new Function(kind, tree(call.target().orElseGet(() -> call.args().get(0))));
    }

    private static Instant timestamp(CelExpr argument) throws ExpressionException {
      if (argument.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT
          || argument.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
        throw unknown("a timestamp of something that is no text in quotes");
      }
      try {
        return Instant.parse(argument.constant().stringValue());
      } catch (DateTimeException e) {
        throw new ExpressionException("write a timestamp like timestamp('2026-01-01T00:00:00Z')");
      }
    }
  }
}

package dev.millrace.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.cleansing.FieldRule.Type;
import dev.millrace.core.expression.Expression;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Equal;
import dev.millrace.core.expression.Expression.Variable;
import dev.millrace.core.features.Feature;
import dev.millrace.core.features.Input;
import dev.millrace.core.features.Op;
import dev.millrace.schemas.Cel.ExpressionException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One feature of a set on its way from its declaration. */
final class FeatureDeclaration {

  private static final Pattern STEP = Pattern.compile("(\\S+?)(?:\\s+x([1-9][0-9]?))?");
  private static final int MOST_STEPS = 8;
  private static final int MOST_STEP_EVENTS = 32;

  private static final Set<String> EVERY_KEY = Set.of("name", "op", "doc", "where");

  /** What each operation may say beyond that. */
  private static final Map<String, Set<String>> KEYS_BY_OP =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("count", Set.of("windows")),
              Map.entry("sum", Set.of("of", "windows")),
              Map.entry("mean", Set.of("of", "windows")),
              Map.entry("variance", Set.of("of", "windows")),
              Map.entry("min", Set.of("of", "windows")),
              Map.entry("max", Set.of("of", "windows")),
              Map.entry("first", Set.of("of", "windows")),
              Map.entry("last", Set.of("of", "windows")),
              Map.entry("last_k", Set.of("of", "k", "windows")),
              Map.entry("distinct", Set.of("of", "max", "windows")),
              Map.entry("distinct_approx", Set.of("of", "windows")),
              Map.entry("quantile", Set.of("of", "q", "windows")),
              Map.entry("ratio", Set.of("of", "windows")),
              Map.entry("since", Set.of()),
              Map.entry("session", Set.of("gap", "emit")),
              Map.entry("sequence", Set.of("steps", "within", "windows"))));

  private final Declaration declaration;
  private final Map<String, Type> variables;
  private final Cel cel;

  FeatureDeclaration(Declaration declaration, Map<String, Type> variables) {
    this.declaration = declaration;
    this.variables = variables;
    this.cel = new Cel(variables);
  }

  /** Null, with the problems noted, if there is something wrong. */
  @Nullable Feature feature() {
    String name = declaration.text("name");
    if (!name.isEmpty() && !FeatureSetDeclaration.NAME.matcher(name).matches()) {
      declaration.problem(
          "name", "a feature is named by lower case letters, digits and underscores");
    }
    String word = declaration.text("op");
    Set<String> own = KEYS_BY_OP.get(word);
    if (own == null) {
      if (!word.isEmpty()) {
        declaration.problem(
            "op", "'%s' is no operation; use one of %s".formatted(word, KEYS_BY_OP.keySet()));
      }
      return null;
    }
    Set<String> known = new HashSet<>(EVERY_KEY);
    known.addAll(own);
    declaration.allowOnly(known);
    Expression where = declaration.has("where") ? condition("where") : null;
    List<Duration> windows = own.contains("windows") ? windows() : List.of();
    Op op = op(word);
    String doc = declaration.has("doc") ? declaration.text("doc") : "";
    return op == null ? null : new Feature(name, doc, op, where, windows);
  }

  private @Nullable Op op(String word) {
    return switch (word) {
      case "count" -> new Op.Count();
      case "sum" -> new Op.Sum(exactNumber());
      case "mean" -> new Op.Mean(exactNumber());
      case "variance" -> new Op.Variance(exactNumber());
      case "min" -> new Op.Min(exactNumber());
      case "max" -> new Op.Max(exactNumber());
      case "first" -> new Op.First(input());
      case "last" -> new Op.Last(input());
      case "last_k" -> new Op.LastK(input(), number("k", 1, 64));
      case "distinct" -> new Op.Distinct(input(), number("max", 1, 1_024));
      case "distinct_approx" -> new Op.DistinctApprox(input());
      case "quantile" -> new Op.Quantile(exactNumber(), perMillion());
      case "ratio" -> new Op.Ratio(condition("of"));
      case "since" -> new Op.Since();
      case "session" -> session();
      default -> sequence();
    };
  }

  private Expression condition(String key) {
    String text = declaration.text(key);
    try {
      return text.isEmpty() ? new Constant(false) : cel.condition(text);
    } catch (ExpressionException e) {
      declaration.problem(key, String.valueOf(e.getMessage()));
      return new Constant(false);
    }
  }

  private List<Duration> windows() {
    List<Duration> windows = new ArrayList<>();
    for (Duration window : declaration.durations("windows")) {
      if (windows.contains(window)) {
        declaration.problem(
            "windows", "the window %s stands here twice".formatted(Feature.text(window)));
      } else {
        String refusal = Feature.refusal(window);
        if (refusal == null) {
          windows.add(window);
        } else {
          declaration.problem("windows", refusal);
        }
      }
    }
    JsonNode given = declaration.asJson().path("windows");
    if (given.isArray() && given.isEmpty()) {
      declaration.problem(
          "windows", "list some windows such as [10m, 24h], or leave 'windows' out");
    }
    return windows;
  }

  private Input input() {
    String name = declaration.text("of");
    Type type = variables.get(name);
    if (type == null || type == Type.TIME) {
      if (!name.isEmpty()) {
        declaration.problem(
            "of",
            type == null
                ? "'%s' is no field, declared attribute or let; known are %s"
                    .formatted(name, String.join(", ", variables.keySet()))
                : "'%s' is a time, and no feature folds times; use op: since".formatted(name));
      }
      return new Input(name, Input.Type.STRING);
    }
    return new Input(name, FeatureSetDeclaration.Compilation.input(type));
  }

  private Input exactNumber() {
    Input input = input();
    Type type = variables.get(input.name());
    if (type != null && type != Type.TIME && !input.type().isExactNumber()) {
      declaration.problem(
          "of",
          type == Type.NUMBER
              ? "'%s' is a double, and sums of doubles depend on their order; declare it as micros or integer"
                  .formatted(input.name())
              : "'%s' is no number; use a field of type integer or micros".formatted(input.name()));
    }
    return input;
  }

  private int number(String key, int least, int greatest) {
    if (!declaration.has(key)) {
      declaration.problem(key, "'%s' is missing; add it".formatted(key));
      return least;
    }
    int number = declaration.wholeNumber(key, least, least);
    if (number > greatest) {
      declaration.problem(key, "'%s' must be at most %d".formatted(key, greatest));
      return least;
    }
    return number;
  }

  private int perMillion() {
    BigDecimal q = declaration.has("q") ? declaration.decimal("q") : null;
    if (q != null) {
      BigDecimal perMillion = q.movePointRight(6);
      if (perMillion.signum() > 0
          && perMillion.compareTo(BigDecimal.valueOf(1_000_000)) < 0
          && perMillion.stripTrailingZeros().scale() <= 0) {
        return perMillion.intValueExact();
      }
    }
    declaration.problem(
        "q", "'q' must be between 0 and 1, with six decimals at most, such as 0.95");
    return 1;
  }

  private Op session() {
    Duration gap = Duration.ofMinutes(30);
    if (declaration.has("gap")) {
      gap = declaration.duration("gap", gap);
    } else {
      declaration.problem("gap", "'gap' is missing; add it, such as gap: 30m");
    }
    if (gap.compareTo(Duration.ofSeconds(1)) < 0 || gap.compareTo(Duration.ofDays(30)) > 0) {
      declaration.problem("gap", "a gap is from 1s to 30d long");
    }
    List<Op.Session.Emit> emit = new ArrayList<>();
    for (String word : declaration.texts("emit")) {
      if (word.equals("events") && !emit.contains(Op.Session.Emit.EVENTS)) {
        emit.add(Op.Session.Emit.EVENTS);
      } else if (word.equals("duration") && !emit.contains(Op.Session.Emit.DURATION)) {
        emit.add(Op.Session.Emit.DURATION);
      } else {
        declaration.problem("emit", "'%s' can't stand here; use events, duration".formatted(word));
      }
    }
    if (emit.isEmpty()) {
      declaration.problem("emit", "say what is told of a session: emit: [events, duration]");
    }
    return new Op.Session(gap, emit);
  }

  private Op sequence() {
    List<Op.Sequence.Step> steps = new ArrayList<>();
    int events = 0;
    for (String text : declaration.texts("steps")) {
      Matcher step = STEP.matcher(text.strip());
      if (!step.matches()) {
        declaration.problem(
            "steps",
            "'%s' is no step; write an event type or a let, and how often: login_failed x3"
                .formatted(text));
        continue;
      }
      String name = step.group(1);
      int times = step.group(2) == null ? 1 : Integer.parseInt(step.group(2));
      events += times;
      steps.add(new Op.Sequence.Step(name, stepCondition(name), times));
    }
    if (steps.isEmpty() || steps.size() > MOST_STEPS || events > MOST_STEP_EVENTS) {
      declaration.problem(
          "steps",
          "a pattern has 1 to %d steps, of together at most %d events"
              .formatted(MOST_STEPS, MOST_STEP_EVENTS));
    }
    Duration within = Duration.ofMinutes(10);
    if (declaration.has("within")) {
      within = declaration.duration("within", within);
    } else {
      declaration.problem("within", "'within' is missing; add it, such as within: 10m");
    }
    if (within.isZero() || within.compareTo(Duration.ofDays(30)) > 0) {
      declaration.problem("within", "a pattern takes at most 30d, and more than nothing");
    }
    return new Op.Sequence(steps, within);
  }

  /** A let that is true or false, or else a type of events. */
  private Expression stepCondition(String name) {
    Type type = variables.get(name);
    if (type == Type.BOOLEAN) {
      return new Variable(name);
    }
    if (type != null) {
      declaration.problem(
          "steps",
          "'%s' is not true or false; write an event type, or a let that is".formatted(name));
    }
    return new Equal(new Variable("event_type"), new Constant(name));
  }
}

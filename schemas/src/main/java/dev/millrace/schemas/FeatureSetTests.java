package dev.millrace.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.UserActivity;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tests beside a feature set, {@code *_test.yaml}: given these clean events of one user, expect
 * these columns as of the last of them, or at a later moment. They are folded by the very code that
 * folds the stream.
 */
public final class FeatureSetTests {

  private static final Set<String> TEST_KEYS = Set.of("name", "given", "at", "expect");

  private final FeatureSet set;
  private final Set<String> attributes;
  private final List<String> columns;

  private FeatureSetTests(FeatureSetDeclaration tested) {
    this.set = tested.set();
    this.attributes = tested.attributes();
    this.columns = set.columnNames();
  }

  /**
   * Runs every test of a file.
   *
   * @param file its name, for messages
   * @return how many there are
   * @throws DeclarationException if a test fails, or is none: each with its line
   */
  public static int run(String file, String yaml, FeatureSetDeclaration tested) {
    Declaration declaration = Declaration.parse(file, yaml);
    declaration.allowOnly(Set.of("feature_set", "doc", "tests"));
    String name = declaration.text("feature_set");
    if (!name.equals(tested.set().name())) {
      declaration.problem(
          "feature_set",
          "these tests stand beside the feature set '%s'".formatted(tested.set().name()));
    }
    List<Declaration> tests = declaration.listOfMaps("tests");
    if (tests.isEmpty()) {
      declaration.problem("tests", "there is no test; list some under 'tests'");
    }
    FeatureSetTests runner = new FeatureSetTests(tested);
    tests.forEach(runner::run);
    declaration.requireNoProblems();
    return tests.size();
  }

  private void run(Declaration test) {
    test.allowOnly(TEST_KEYS);
    String name = test.text("name");
    List<Declaration> given = test.listOfMaps("given");
    @Nullable Declaration expected = test.map("expect");
    if (given.isEmpty() || expected == null || expected.keys().isEmpty()) {
      test.problem(
          "name", "'%s' needs events under 'given' and columns under 'expect'".formatted(name));
      return;
    }
    FeatureFold fold = new FeatureFold(set);
    UserActivity activity = fold.start();
    List<@Nullable Object> values = List.of();
    for (int i = 0; i < given.size(); i++) {
      CleanEvent clean = event(given.get(i), i);
      if (clean == null) {
        return;
      }
      values = fold.fold(activity, clean).values();
    }
    if (test.has("at")) {
      @Nullable Instant at = time(test, "at");
      if (at != null) {
        values = fold.read(activity, at);
      }
    }
    compare(expected, values);
  }

  /** Null, with a problem noted, if it is none. */
  private @Nullable CleanEvent event(Declaration event, int number) {
    @Nullable Instant time = time(event, EventField.EVENT_TIME.fieldName());
    if (time == null) {
      return null;
    }
    EventContent.Builder content = new EventContent.Builder();
    content.put(EventField.EVENT_TIME, time);
    Map<String, Object> given = new TreeMap<>();
    JsonNode json = event.asJson();
    for (String key : event.keys()) {
      @Nullable EventField field = EventField.named(key).orElse(null);
      JsonNode value = json.path(key);
      if (field == null && !attributes.contains(key)) {
        event.problem(
            key,
            "'%s' is no field of an event and no attribute of %s; use one of %s, or declare it under 'attributes'"
                .formatted(key, set.name(), fieldNames()));
        return null;
      } else if (field == null) {
        given.put(key, plain(value));
      } else if (field != EventField.EVENT_TIME) {
        @Nullable Object typed = typed(field, value);
        if (typed == null) {
          event.problem(
              key,
              "%s is %s; write it as clean events have it"
                  .formatted(key, Declaration.word(field.type())));
          return null;
        }
        content.put(field, typed);
      }
    }
    EventContent built = content.attributes(given).build();
    return new CleanEvent(
        "user",
        "event-" + number,
        false,
        time,
        time,
        false,
        new Origin("test", 0, number),
        "test",
        0,
        built,
        List.of());
  }

  private static List<String> fieldNames() {
    return Stream.of(EventField.values()).map(EventField::fieldName).toList();
  }

  private static @Nullable Object typed(EventField field, JsonNode value) {
    return switch (field.type()) {
      case STRING -> value.asText();
      case INTEGER, MICROS -> value.canConvertToExactIntegral() ? (Object) value.asLong() : null;
      case BOOLEAN -> value.isBoolean() ? (Object) value.asBoolean() : null;
      case TIME -> null;
    };
  }

  private static Object plain(JsonNode value) {
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    if (value.isNumber()) {
      return value.canConvertToExactIntegral() ? (Object) value.asLong() : value.asDouble();
    }
    return value.asText();
  }

  private static @Nullable Instant time(Declaration of, String key) {
    String text = of.text(key);
    try {
      return text.isEmpty() ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      of.problem(key, "'%s' is no time; write one like 2026-01-05T12:00:00Z".formatted(text));
      return null;
    }
  }

  private void compare(Declaration expected, List<@Nullable Object> values) {
    JsonNode json = expected.asJson();
    for (String column : expected.keys()) {
      int number = columns.indexOf(column);
      if (number < 0) {
        expected.problem(
            column,
            "'%s' is no column of %s; use one of %s".formatted(column, set.name(), columns));
        continue;
      }
      JsonNode actual = json(values.get(number));
      if (!isEqual(json.path(column), actual)) {
        expected.problem(
            column, "%s is %s, and %s was expected".formatted(column, actual, json.path(column)));
      }
    }
  }

  private static boolean isEqual(JsonNode expected, JsonNode actual) {
    if (expected.isNumber() && actual.isNumber()) {
      return actual.isIntegralNumber()
          ? expected.decimalValue().compareTo(actual.decimalValue()) == 0
          : expected.doubleValue() == actual.doubleValue();
    }
    return expected.equals(actual);
  }

  private static JsonNode json(@Nullable Object value) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (value == null) {
      return json.nullNode();
    }
    if (value instanceof Long number) {
      return json.numberNode(BigDecimal.valueOf(number));
    }
    if (value instanceof Double number) {
      return json.numberNode(number);
    }
    if (value instanceof Boolean truth) {
      return json.booleanNode(truth);
    }
    if (value instanceof List<?> list) {
      List<JsonNode> items = new ArrayList<>();
      list.forEach(item -> items.add(json(item)));
      return json.arrayNode().addAll(items);
    }
    return json.textNode(value.toString());
  }
}

package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventField;
import dev.millrace.core.cleansing.Check;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.FieldRule;
import dev.millrace.core.cleansing.FieldRule.Pii;
import dev.millrace.core.cleansing.FieldRule.Type;
import dev.millrace.core.cleansing.PiiKeyName;
import dev.millrace.core.expression.Expression;
import dev.millrace.schemas.Cel.ExpressionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A contract as it is declared: {@code schemas/contracts/*.yaml}.
 *
 * @param canonical the artifact: the canonical form whose SHA-256 names the contract
 */
public record ContractDeclaration(Contract contract, byte[] canonical) {

  static final java.util.regex.Pattern NAME =
      java.util.regex.Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final java.util.regex.Pattern CHECK_NAME =
      java.util.regex.Pattern.compile("[a-z0-9][a-z0-9_]{0,62}");

  private static final java.util.regex.Pattern KEY_CHECK =
      java.util.regex.Pattern.compile("[0-9a-f]{16}");

  /** Forty bytes each, and all of them in one record of {@link Topics#MAX_DERIVED_BYTES}. */
  static final int MOST_IDS_PER_USER = 100_000;

  private static final Set<String> KEYS =
      Set.of(
          "contract",
          "version",
          "doc",
          "max_future",
          "dedup_horizon",
          "source_horizons",
          "max_ids_per_user",
          "longest_text",
          "pii_key",
          "fields",
          "attributes",
          "checks",
          "derive");
  private static final Set<String> RULE_KEYS =
      Set.of(
          "required",
          "normalize",
          "default",
          "length",
          "pattern",
          "enum",
          "range",
          "pii",
          "outlier",
          "reference");

  /** An attribute is never a time: leave it a string, and normalize: [date]. */
  private static final List<Type> ATTRIBUTE_TYPES =
      List.of(Type.STRING, Type.INTEGER, Type.MICROS, Type.NUMBER, Type.BOOLEAN);

  private static final Set<EventField> FIXED =
      EnumSet.of(EventField.USER_ID, EventField.EVENT_TIME);

  /**
   * Compiles a declaration.
   *
   * @param file its name, for messages
   * @throws DeclarationException with every problem, its line and what to do
   */
  public static ContractDeclaration compile(String file, String yaml) {
    return new Compilation(Declaration.parse(file, yaml)).contract();
  }

  /**
   * Reads the canonical form again; JSON is YAML.
   *
   * @throws DeclarationException if the bytes are none
   */
  public static ContractDeclaration of(byte[] canonical) {
    return compile("artifact", new String(canonical, UTF_8));
  }

  private static final class Compilation {

    private final Declaration declaration;
    private final Map<EventField, FieldRule> fields = new EnumMap<>(EventField.class);
    private final SortedMap<String, FieldRule> attributes = new TreeMap<>();
    private int longestText;

    Compilation(Declaration declaration) {
      this.declaration = declaration;
    }

    ContractDeclaration contract() {
      declaration.allowOnly(KEYS);
      String name = declaration.text("contract");
      if (!name.isEmpty() && !NAME.matcher(name).matches()) {
        declaration.problem(
            "contract", "a contract is named by lower case letters, digits and dashes");
      }
      int version = declaration.positive("version");
      longestText = declaration.wholeNumber("longest_text", 1, 8_192);
      Duration horizon = positive("dedup_horizon", declaration, Duration.ofDays(7));
      SortedMap<String, Duration> sourceHorizons = sourceHorizons(horizon);
      readFields();
      readAttributes();
      @Nullable PiiKeyName piiKey = piiKey();
      List<Check> checks = checks(new Cel(variables()));
      @Nullable Declaration derive = declaration.map("derive");
      @Nullable Expression category = null;
      boolean geo = false;
      if (derive != null) {
        derive.allowOnly(Set.of("event_category", "geo"));
        category = category(derive, new Cel(visibleVariables()));
        geo = derive.flag("geo");
      }
      Duration maxFuture = declaration.duration("max_future", Duration.ofMinutes(5));
      int maxIds = declaration.wholeNumber("max_ids_per_user", 8, MOST_IDS_PER_USER);
      if (maxIds > MOST_IDS_PER_USER) {
        declaration.problem(
            "max_ids_per_user",
            "'max_ids_per_user' is at most %d: what is remembered of a user is one record on a changelog"
                .formatted(MOST_IDS_PER_USER));
      }
      declaration.requireNoProblems();

      byte[] canonical = CanonicalJson.write(declaration.canonical("doc"));
      return new ContractDeclaration(
          new Contract(
              name,
              version,
              longestText,
              maxFuture,
              horizon,
              sourceHorizons,
              maxIds,
              fields,
              attributes,
              checks,
              category,
              geo,
              piiKey,
              CanonicalHash.sha256Hex(canonical)),
          canonical);
    }

    private static Duration positive(String key, Declaration of, Duration otherwise) {
      Duration duration = of.duration(key, otherwise);
      if (duration.isZero()) {
        of.problem(key, "'%s' must be longer than nothing".formatted(key));
        return otherwise;
      }
      return duration;
    }

    private SortedMap<String, Duration> sourceHorizons(Duration otherwise) {
      SortedMap<String, Duration> horizons = new TreeMap<>();
      @Nullable Declaration bySource = declaration.map("source_horizons");
      if (bySource != null) {
        for (String source : bySource.keys()) {
          horizons.put(source, positive(source, bySource, otherwise));
        }
      }
      return horizons;
    }

    private void readFields() {
      declaration
          .maps("fields")
          .forEach(
              (name, rule) ->
                  EventField.named(name)
                      .ifPresentOrElse(
                          field -> fields.put(field, rule(rule, field)),
                          () ->
                              rule.problem(
                                  "required",
                                  "'%s' is no field of an event; declare it under 'attributes'"
                                      .formatted(name))));
      for (EventField needed : Contract.NEEDED) {
        FieldRule rule = fields.get(needed);
        if (rule == null || !rule.required()) {
          declaration.problem(
              "fields",
              "no event is without %s; write %s: {required: true}"
                  .formatted(needed.fieldName(), needed.fieldName()));
        }
      }
    }

    private FieldRule rule(Declaration rule, EventField field) {
      rule.allowOnly(RULE_KEYS);
      if (FIXED.contains(field)) {
        for (String key : List.of("normalize", "default", "pii")) {
          if (rule.has(key)) {
            rule.problem(
                key,
                "%s can't be changed by a contract: it decides where and when an event belongs"
                    .formatted(field.fieldName()));
          }
        }
      }
      if (field == EventField.EVENT_ID) {
        for (String key : List.of("default", "pii")) {
          if (rule.has(key)) {
            rule.problem(
                key, "event_id names its event on every topic; no '%s' for it".formatted(key));
          }
        }
      }
      return RuleDeclaration.compile(rule, field.fieldName(), Type.of(field), longestText);
    }

    private void readAttributes() {
      declaration
          .maps("attributes")
          .forEach(
              (name, rule) -> {
                Set<String> known = new HashSet<>(RULE_KEYS);
                known.add("type");
                rule.allowOnly(known);
                if (name.isBlank() || AttributeName.refusal(name) != null) {
                  rule.problem(
                      "type",
                      "an attribute has a name of 1 to %d characters, none of them a control character"
                          .formatted(AttributeName.MAX_LENGTH));
                }
                if (EventField.named(name).isPresent()) {
                  rule.problem(
                      "type", "'%s' is a field; declare it under 'fields'".formatted(name));
                }
                attributes.put(
                    name,
                    RuleDeclaration.compile(rule, name, attributeType(rule, name), longestText));
              });
    }

    private static Type attributeType(Declaration rule, String name) {
      Type type = rule.oneOf("type", ATTRIBUTE_TYPES, Type.STRING);
      if (type == Type.MICROS && !name.endsWith("_micros")) {
        rule.problem("type", "an attribute in micros says so: name it %s_micros".formatted(name));
      }
      return type;
    }

    private @Nullable PiiKeyName piiKey() {
      @Nullable Declaration key = declaration.map("pii_key");
      if (key == null) {
        if (rules().anyMatch(rule -> rule.pii() == Pii.TOKENIZE)) {
          declaration.problem(
              "pii_key", "'pii: tokenize' needs a key; name it: pii_key: {id: NAME, check: HEX}");
        }
        return null;
      }
      key.allowOnly(Set.of("id", "check"));
      String id = key.text("id");
      if (!id.isEmpty() && !NAME.matcher(id).matches()) {
        key.problem("id", "a key is named by lower case letters, digits and dashes");
      }
      String check = key.text("check");
      if (!check.isEmpty() && !KEY_CHECK.matcher(check).matches()) {
        key.problem(
            "check", "the check of a key is 16 hexadecimal digits, as the key itself gives it");
      }
      return new PiiKeyName(id, check);
    }

    private Map<String, Type> variables() {
      Map<String, Type> variables = new LinkedHashMap<>();
      for (EventField field : EventField.values()) {
        variables.put(field.fieldName(), Type.of(field));
      }
      attributes.forEach((name, rule) -> variables.put(name, rule.type()));
      return variables;
    }

    /** Without what must not be seen: a category made of it would publish it. */
    private Map<String, Type> visibleVariables() {
      Map<String, Type> variables = variables();
      rules().filter(rule -> rule.pii() != null).forEach(rule -> variables.remove(rule.name()));
      return variables;
    }

    private Stream<FieldRule> rules() {
      return Stream.concat(fields.values().stream(), attributes.values().stream());
    }

    private List<Check> checks(Cel cel) {
      List<Check> checks = new ArrayList<>();
      Set<String> names = new HashSet<>();
      for (Declaration check : declaration.listOfMaps("checks")) {
        check.allowOnly(Set.of("name", "field", "must", "message"));
        String name = check.text("name");
        if (!name.isEmpty() && !CHECK_NAME.matcher(name).matches()) {
          check.problem("name", "a check is named by lower case letters, digits and underscores");
        }
        if (!names.add(name)) {
          check.problem("name", "two checks are named '%s'; name each once".formatted(name));
        }
        String field = check.text("field");
        if (!field.isEmpty()
            && EventField.named(field).isEmpty()
            && !attributes.containsKey(field)) {
          check.problem("field", "'%s' is no field and no declared attribute".formatted(field));
        }
        String message = check.text("message");
        String must = check.text("must");
        try {
          if (!must.isEmpty()) {
            checks.add(new Check(name, field, cel.condition(must), message));
          }
        } catch (ExpressionException e) {
          check.problem("must", String.valueOf(e.getMessage()));
        }
      }
      return checks;
    }

    private static @Nullable Expression category(Declaration derive, Cel cel) {
      @Nullable String text = derive.optionalText("event_category");
      if (text == null) {
        return null;
      }
      try {
        return cel.text(text);
      } catch (ExpressionException e) {
        derive.problem("event_category", String.valueOf(e.getMessage()));
        return null;
      }
    }
  }
}

package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventField;
import dev.millrace.core.cleansing.FieldRule.Type;
import dev.millrace.core.features.Column;
import dev.millrace.core.features.Derived;
import dev.millrace.core.features.Feature;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.FeatureSet.Let;
import dev.millrace.core.features.Input;
import dev.millrace.core.features.StateBound;
import dev.millrace.schemas.Cel.ExpressionException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A feature set as it is declared: {@code schemas/feature-sets/*.yaml}.
 *
 * @param canonical the artifact: the canonical form whose SHA-256 names the set
 */
public record FeatureSetDeclaration(FeatureSet set, Set<String> attributes, byte[] canonical) {

  public FeatureSetDeclaration {
    attributes = Set.copyOf(attributes);
  }

  /** A name of something in a set: of a feature, a let or a derived column. */
  static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private static final Pattern LIKE_A_VERSION = Pattern.compile(".*-v[0-9]+");

  /** The most that a user's state may take, in bytes; it is one record on a changelog. */
  public static final long GREATEST_STATE = 1_048_576;

  private static final int MOST_COLUMNS = 500;

  /** So many of the features that take most are named where a set takes too much. */
  private static final int LARGEST_TOLD = 5;

  private static final Set<String> KEYS =
      Set.of(
          "feature_set",
          "version",
          "doc",
          "entity",
          "source",
          "attributes",
          "let",
          "features",
          "derived");

  private static final List<Input.Type> ATTRIBUTE_TYPES = List.of(Input.Type.values());

  /**
   * Compiles a declaration.
   *
   * @param file its name, for messages
   * @throws DeclarationException with every problem, its line and what to do
   */
  public static FeatureSetDeclaration compile(String file, String yaml) {
    return new Compilation(Declaration.parse(file, yaml)).featureSet();
  }

  /**
   * Reads the canonical form again; JSON is YAML.
   *
   * @throws DeclarationException if the bytes are none
   */
  public static FeatureSetDeclaration of(byte[] canonical) {
    return compile("artifact", new String(canonical, UTF_8));
  }

  static final class Compilation {

    private final Declaration declaration;
    private final Map<String, Type> variables = new LinkedHashMap<>();
    private final List<Let> lets = new ArrayList<>();
    private final List<Feature> features = new ArrayList<>();
    private final Map<String, Type> columnVariables = new LinkedHashMap<>();
    private final Set<String> columns = new HashSet<>();

    Compilation(Declaration declaration) {
      this.declaration = declaration;
    }

    FeatureSetDeclaration featureSet() {
      declaration.allowOnly(KEYS);
      String name = declaration.text("feature_set");
      if (!name.isEmpty() && !ContractDeclaration.NAME.matcher(name).matches()) {
        declaration.problem(
            "feature_set", "a feature set is named by lower case letters, digits and dashes");
      }
      if (LIKE_A_VERSION.matcher(name).matches()) {
        declaration.problem(
            "feature_set",
            "'%s' ends like a version, and its table would be that of another set's version; name it another way"
                .formatted(name));
      }
      int version = declaration.positive("version");
      require("entity", "user_id");
      require("source", Topics.CLEAN.name());
      readVariables();
      readLets();
      readFeatures();
      List<Derived> derived = readDerived();
      declaration.requireNoProblems();

      byte[] canonical = CanonicalJson.write(declaration.canonical("doc"));
      String doc = declaration.has("doc") ? declaration.text("doc") : "";
      FeatureSet set =
          new FeatureSet(
              name, version, doc, lets, features, derived, CanonicalHash.sha256Hex(canonical));
      requireBounded(set);
      return new FeatureSetDeclaration(set, declaration.maps("attributes").keySet(), canonical);
    }

    private void require(String key, String only) {
      String given = declaration.text(key);
      if (!given.isEmpty() && !given.equals(only)) {
        declaration.problem(
            key, "'%s' can't stand here; features are folded by %s".formatted(given, only));
      }
    }

    private void readVariables() {
      for (EventField field : EventField.values()) {
        variables.put(field.fieldName(), Type.of(field));
      }
      declaration
          .maps("attributes")
          .forEach(
              (name, attribute) -> {
                attribute.allowOnly(Set.of("type"));
                if (EventField.named(name).isPresent()) {
                  attribute.problem("type", "'%s' is a field of every event".formatted(name));
                }
                variables.put(
                    name, type(attribute.oneOf("type", ATTRIBUTE_TYPES, Input.Type.STRING)));
              });
    }

    private static Type type(Input.Type type) {
      return switch (type) {
        case INTEGER -> Type.INTEGER;
        case MICROS -> Type.MICROS;
        case DOUBLE -> Type.NUMBER;
        case STRING -> Type.STRING;
        case BOOLEAN -> Type.BOOLEAN;
      };
    }

    private void readLets() {
      Declaration given = declaration.map("let");
      if (given == null) {
        return;
      }
      for (String name : given.keys()) {
        if (!NAME.matcher(name).matches()) {
          given.problem(name, "a let is named by lower case letters, digits and underscores");
        }
        if (variables.containsKey(name)) {
          given.problem(
              name, "'%s' is a field or attribute; name the let another way".formatted(name));
          continue;
        }
        try {
          Cel.Typed typed = new Cel(variables).any(given.text(name));
          lets.add(new Let(name, typed.expression(), input(typed.type())));
          variables.put(name, typed.type());
        } catch (ExpressionException e) {
          given.problem(name, String.valueOf(e.getMessage()));
        }
      }
    }

    static Input.Type input(Type type) {
      return switch (type) {
        case INTEGER -> Input.Type.INTEGER;
        case MICROS -> Input.Type.MICROS;
        case NUMBER -> Input.Type.DOUBLE;
        case BOOLEAN -> Input.Type.BOOLEAN;
        case STRING, TIME -> Input.Type.STRING;
      };
    }

    private void readFeatures() {
      List<Declaration> given = declaration.listOfMaps("features");
      if (given.isEmpty()) {
        declaration.problem("features", "there is no feature; list some under 'features'");
      }
      for (Declaration one : given) {
        Feature feature = new FeatureDeclaration(one, variables).feature();
        if (feature != null) {
          features.add(feature);
          FeatureSet.columns(feature).forEach(column -> addColumn(one, column));
        }
      }
    }

    private void addColumn(Declaration of, Column column) {
      if (!columns.add(column.name())) {
        of.problem(
            "name", "there are two columns '%s'; name one another way".formatted(column.name()));
      }
      switch (column.type()) {
        case INTEGER, DOUBLE -> columnVariables.put(column.name(), Type.NUMBER);
        case BOOLEAN -> columnVariables.put(column.name(), Type.BOOLEAN);
        case STRING -> columnVariables.put(column.name(), Type.STRING);
        case LIST -> {} // no expression reads a list
      }
    }

    private List<Derived> readDerived() {
      List<Derived> derived = new ArrayList<>();
      for (Declaration one : declaration.listOfMaps("derived")) {
        one.allowOnly(Set.of("name", "expr", "doc"));
        String name = one.text("name");
        if (!name.isEmpty() && !NAME.matcher(name).matches()) {
          one.problem("name", "a column is named by lower case letters, digits and underscores");
        }
        String expression = one.text("expr");
        if (expression.isEmpty()) {
          continue;
        }
        try {
          Cel.Typed typed = new Cel(columnVariables).any(expression);
          Column.Type type =
              switch (typed.type()) {
                case INTEGER, MICROS -> Column.Type.INTEGER;
                case NUMBER -> Column.Type.DOUBLE;
                case BOOLEAN -> Column.Type.BOOLEAN;
                case STRING, TIME -> Column.Type.STRING;
              };
          String doc = one.has("doc") ? one.text("doc") : "";
          derived.add(new Derived(name, doc, typed.expression(), type));
          addColumn(one, new Column(name, type, Column.Unit.NONE, null, doc));
        } catch (ExpressionException e) {
          one.problem("expr", e.getMessage() + hint(String.valueOf(e.getMessage())));
        }
      }
      return derived;
    }

    /** For who writes 144 where doubles are: CEL takes no whole number for one. */
    private static String hint(String problem) {
      return problem.contains("undeclared reference")
          ? ""
          : "; columns that are numbers are doubles here, so write 144.0 and not 144";
    }

    private void requireBounded(FeatureSet set) {
      if (set.columns().size() > MOST_COLUMNS) {
        declaration.problem(
            "features",
            "there are %d columns, and at most %d make a vector; leave some out, or make two sets of it"
                .formatted(set.columns().size(), MOST_COLUMNS));
      }
      try {
        long bytes = new FeatureFold(set).greatestBytes();
        if (bytes > GREATEST_STATE) {
          featureThatTakesMost(set)
              .problem(
                  "name",
                  "a user's state could take %d bytes, and %d at most are allowed; take a smaller 'max' or 'k' or fewer windows of what takes most (%s), or make two sets of it"
                      .formatted(bytes, GREATEST_STATE, largest(set)));
        }
      } catch (IllegalArgumentException e) {
        declaration.problem(
            "features", e.getMessage() + "; leave some out, or make two sets of it");
      }
      declaration.requireNoProblems();
    }

    private Declaration featureThatTakesMost(FeatureSet set) {
      String most = StateBound.byFeature(set).get(0).feature();
      return declaration.listOfMaps("features").stream()
          .filter(feature -> feature.text("name").equals(most))
          .findFirst()
          .orElse(declaration);
    }

    private static String largest(FeatureSet set) {
      return StateBound.byFeature(set).stream()
          .limit(LARGEST_TOLD)
          .map(bound -> bound.feature() + " " + bound.bytes())
          .collect(Collectors.joining(", "));
    }
  }
}

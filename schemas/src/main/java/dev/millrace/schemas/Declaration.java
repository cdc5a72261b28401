package dev.millrace.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.schemas.DeclarationException.Problem;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A map in a YAML file that remembers its lines. Readings that fail are noted and give an empty
 * value, so that one compilation tells all problems of a file.
 */
final class Declaration {

  /** Bounded, so that no exponent makes a number that fills the memory. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?([0-9_]{1,40}(\\.[0-9_]{0,40})?|\\.[0-9_]{1,40})([eE][-+]?[0-9]{1,2})?");

  private static final int MOST_CHARACTERS = 1_000_000;

  /**
   * What is known of the whole file.
   *
   * @param problems found so far
   * @param meanings what a value turned out to be; one that is not here is a text
   */
  private record Notes(String file, List<Problem> problems, Map<Node, JsonNode> meanings) {
    Notes(String file) {
      this(file, new ArrayList<>(), new IdentityHashMap<>());
    }
  }

  private final Notes notes;
  private final int line;
  private final Map<String, Node> values;

  private Declaration(Notes notes, MappingNode node) {
    this.notes = notes;
    this.line = lineOf(node);
    this.values = new LinkedHashMap<>();
    for (NodeTuple entry : node.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        problem(entry.getKeyNode(), "a name is expected here, then a colon");
      } else if (key.getTag().equals(Tag.MERGE)) {
        problem(key, "'<<' merges nothing here; write the keys out");
      } else if (values.put(key.getValue(), entry.getValueNode()) != null) {
        problem(key, "'%s' stands here twice; keep one".formatted(key.getValue()));
      }
    }
  }

  /**
   * @param file its name, for messages
   * @throws DeclarationException if the text is no YAML map
   */
  static Declaration parse(String file, String text) {
    if (text.length() > MOST_CHARACTERS) {
      throw new DeclarationException(
          List.of(
              new Problem(
                  file,
                  0,
                  "has %d characters; a declaration has at most %d"
                      .formatted(text.length(), MOST_CHARACTERS))));
    }
    try {
      LoaderOptions limits = new LoaderOptions();
      limits.setMaxAliasesForCollections(0);
      limits.setNestingDepthLimit(20);
      Node node = new Yaml(new SafeConstructor(limits)).compose(new StringReader(text));
      if (node instanceof MappingNode map) {
        return new Declaration(new Notes(file), map);
      }
      throw new DeclarationException(
          List.of(
              new Problem(
                  file, 1, "is no YAML map; write keys with their values, such as version: 1")));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      throw new DeclarationException(
          List.of(new Problem(file, line, "is no YAML: " + e.getProblem())));
    } catch (YAMLException e) {
      throw new DeclarationException(
          List.of(new Problem(file, 0, "is no YAML: " + e.getMessage())));
    }
  }

  Set<String> keys() {
    return values.keySet();
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** Notes every key that is none of these. */
  void allowOnly(Set<String> known) {
    for (String key : keys()) {
      if (!known.contains(key)) {
        problem(key, "'%s' is not known here; use one of %s".formatted(key, new TreeSet<>(known)));
      }
    }
  }

  /** The text under the key; empty, with a problem noted, if there is none. */
  String text(String key) {
    Node node = values.get(key);
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue();
    }
    problem(
        key,
        node == null
            ? "'%s' is missing; add it".formatted(key)
            : "'%s' must be a text".formatted(key));
    return "";
  }

  @Nullable String optionalText(String key) {
    return has(key) ? text(key) : null;
  }

  /** A whole number &gt;= 1; 1, with a problem noted, if it is none. */
  int positive(String key) {
    String text = text(key);
    try {
      int number = Integer.parseInt(text);
      if (number >= 1) {
        means(key, JsonNodeFactory.instance.numberNode(number));
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, as for a number that is too small
    }
    if (!text.isEmpty()) {
      problem(key, "'%s' must be a whole number from 1 on, not '%s'".formatted(key, text));
    }
    return 1;
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    if (values.get(key) instanceof SequenceNode sequence) {
      for (Node node : sequence.getValue()) {
        if (node instanceof ScalarNode scalar) {
          texts.add(scalar.getValue());
        } else {
          problem(node, "a text is expected here");
        }
      }
    } else if (has(key)) {
      problem(key, "'%s' must be a list".formatted(key));
    }
    return texts;
  }

  /** The maps under the key, by their names; empty if there is none. */
  Map<String, Declaration> maps(String key) {
    Map<String, Declaration> maps = new LinkedHashMap<>();
    if (values.get(key) instanceof MappingNode outer) {
      Declaration inner = new Declaration(notes, outer);
      inner.values.forEach(
          (name, node) -> {
            if (node instanceof MappingNode map) {
              maps.put(name, new Declaration(notes, map));
            } else {
              problem(node, "'%s' must be a map, such as {from: NAME}".formatted(name));
            }
          });
    } else if (has(key)) {
      problem(key, "'%s' must be a map".formatted(key));
    }
    return maps;
  }

  /** One of the choices, in lower case; the default if none is given. */
  <E extends Enum<E>> E oneOf(String key, List<E> choices, E otherwise) {
    String text = optionalText(key);
    if (text == null) {
      return otherwise;
    }
    for (E choice : choices) {
      if (word(choice).equals(text)) {
        return choice;
      }
    }
    problem(
        key,
        "'%s' can't stand here; use one of %s"
            .formatted(text, choices.stream().map(Declaration::word).toList()));
    return otherwise;
  }

  /** A constant as declarations spell it. */
  static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  /** The map under the key; null if there is none. */
  @Nullable Declaration map(String key) {
    Node node = values.get(key);
    if (node instanceof MappingNode map) {
      return new Declaration(notes, map);
    }
    if (node != null) {
      problem(key, "'%s' must be a map".formatted(key));
    }
    return null;
  }

  /** The maps of the list under the key; empty if there is none. */
  List<Declaration> listOfMaps(String key) {
    List<Declaration> maps = new ArrayList<>();
    if (values.get(key) instanceof SequenceNode sequence) {
      for (Node node : sequence.getValue()) {
        if (node instanceof MappingNode map) {
          maps.add(new Declaration(notes, map));
        } else {
          problem(node, "a map is expected here");
        }
      }
    } else if (has(key)) {
      problem(key, "'%s' must be a list".formatted(key));
    }
    return maps;
  }

  /** A whole number from the least on; the default if there is none. */
  int wholeNumber(String key, int least, int otherwise) {
    BigDecimal number = decimal(key);
    if (number == null) {
      return otherwise;
    }
    try {
      int whole = number.intValueExact();
      if (whole >= least) {
        return whole;
      }
    } catch (ArithmeticException e) {
      // told below, as for a number that is too small
    }
    problem(key, "'%s' must be a whole number from %d on".formatted(key, least));
    return otherwise;
  }

  /** A number; null if there is none. */
  @Nullable BigDecimal decimal(String key) {
    String text = optionalText(key);
    if (text == null) {
      return null;
    }
    if (!text.isEmpty() && NUMBER.matcher(text).matches()) {
      try {
        BigDecimal number = plain(new BigDecimal(text.replace("_", "")));
        means(key, JsonNodeFactory.instance.numberNode(number));
        return number;
      } catch (NumberFormatException e) {
        // told below: nothing but underscores
      }
    }
    if (!text.isEmpty()) {
      problem(key, "'%s' must be a number, not '%s'".formatted(key, shown(text)));
    }
    return null;
  }

  /** A whole number of 64 bits; null if there is none. */
  @Nullable Long integer(String key) {
    BigDecimal number = decimal(key);
    if (number == null) {
      return null;
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      problem(key, "'%s' must be a whole number of 64 bits, not '%s'".formatted(key, text(key)));
      return null;
    }
  }

  /** One form for all spellings of a number. */
  private static BigDecimal plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() <= 0 ? stripped.setScale(0) : stripped;
  }

  /** Enough of the text to find it by. */
  private static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  boolean flag(String key) {
    String text = optionalText(key);
    if (text != null && !text.equals("true") && !text.equals("false")) {
      problem(key, "'%s' must be true or false".formatted(key));
    }
    if (text != null) {
      means(key, JsonNodeFactory.instance.booleanNode(text.equals("true")));
    }
    return "true".equals(text);
  }

  /** A time span such as 5m or 7d; the default if there is none. */
  Duration duration(String key, Duration otherwise) {
    String text = optionalText(key);
    if (text == null) {
      return otherwise;
    }
    Optional<Duration> span = TimeSpan.find(text);
    if (span.isEmpty()) {
      problem(key, TimeSpan.refusal(text));
    }
    return span.orElse(otherwise);
  }

  /** The time spans of the list under the key; empty if there is none. */
  List<Duration> durations(String key) {
    List<Duration> spans = new ArrayList<>();
    for (String text : texts(key)) {
      Optional<Duration> span = TimeSpan.find(text);
      if (span.isEmpty()) {
        problem(key, TimeSpan.refusal(text));
      }
      span.ifPresent(spans::add);
    }
    return spans;
  }

  /**
   * One form for all spellings of the same declaration, without what is only for people. Each value
   * is what it was read as, whatever YAML makes of it: {@code no} is a text where a text is
   * expected. So call it last.
   */
  JsonNode canonical(String without) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    values.forEach(
        (key, node) -> {
          if (!key.equals(without)) {
            json.set(key, canonical(node));
          }
        });
    return json;
  }

  private JsonNode canonical(Node node) {
    return tree(
        node,
        scalar -> {
          @Nullable JsonNode meaning = notes.meanings().get(scalar);
          return meaning == null ? JsonNodeFactory.instance.textNode(scalar.getValue()) : meaning;
        });
  }

  /** The map as JSON, each value of the type that YAML gives it. */
  ObjectNode asJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    values.forEach((key, node) -> json.set(key, tree(node, Declaration::typed)));
    return json;
  }

  private static JsonNode typed(ScalarNode scalar) {
    String text = scalar.getValue();
    if (scalar.getTag().equals(Tag.NULL)) {
      return JsonNodeFactory.instance.nullNode();
    }
    if (scalar.getTag().equals(Tag.BOOL)) {
      return JsonNodeFactory.instance.booleanNode(text.equalsIgnoreCase("true"));
    }
    if (scalar.getTag().equals(Tag.INT) || scalar.getTag().equals(Tag.FLOAT)) {
      try {
        return JsonNodeFactory.instance.numberNode(new BigDecimal(text.replace("_", "")));
      } catch (NumberFormatException e) {
        return JsonNodeFactory.instance.textNode(text); // such as 0x1F or .inf
      }
    }
    return JsonNodeFactory.instance.textNode(text);
  }

  private static JsonNode tree(Node node, Function<ScalarNode, JsonNode> meaning) {
    if (node instanceof MappingNode map) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      for (NodeTuple entry : map.getValue()) {
        String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
        json.set(key, tree(entry.getValueNode(), meaning));
      }
      return json;
    }
    if (node instanceof SequenceNode sequence) {
      ArrayNode json = JsonNodeFactory.instance.arrayNode();
      sequence.getValue().forEach(item -> json.add(tree(item, meaning)));
      return json;
    }
    return meaning.apply((ScalarNode) node);
  }

  private void means(String key, JsonNode meaning) {
    notes.meanings().put(values.get(key), meaning);
  }

  void problem(String key, String message) {
    Node node = values.get(key);
    notes.problems().add(new Problem(notes.file(), node == null ? line : lineOf(node), message));
  }

  /**
   * @throws DeclarationException if anything was noted
   */
  void requireNoProblems() {
    if (!notes.problems().isEmpty()) {
      throw new DeclarationException(notes.problems());
    }
  }

  private void problem(Node node, String message) {
    notes.problems().add(new Problem(notes.file(), lineOf(node), message));
  }

  private static int lineOf(Node node) {
    return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
  }
}

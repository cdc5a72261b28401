package dev.millrace.model;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * A map in YAML, or in JSON, which is YAML in flow style. Every scalar is text until it is asked
 * for as a number, so that a run id like {@code 1e5} stays a run id.
 */
final class Document {

  private static final int MAX_CODE_POINTS = 4 * 1024 * 1024;
  private static final int MAX_DEPTH = 20;
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]{1,400}(\\.[0-9]{1,1100})?([eE][-+]?[0-9]{1,3})?");

  private final String where;
  private final Map<?, ?> fields;

  private Document(String where, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(where, "is not a map of fields");
    }
    this.where = where;
    this.fields = map;
  }

  static Document parse(String where, byte[] utf8) {
    return new Document(where, load(where, new String(utf8, StandardCharsets.UTF_8)));
  }

  Document child(String field) {
    return new Document(where + ": " + field, required(field));
  }

  List<Document> children(String field) {
    return documents(where + ": " + field, required(field));
  }

  /** The list that stands in this field as JSON in a string. */
  List<Document> embeddedChildren(String field) {
    String inside = where + ": " + field;
    return documents(inside, load(inside, text(field)));
  }

  List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    for (Object item : list(where + ": " + field, required(field))) {
      texts.add(asText(field, item));
    }
    return texts;
  }

  /** Numbers, with NaN where the list holds null. */
  List<Double> numbers(String field) {
    List<Double> numbers = new ArrayList<>();
    for (Object item : list(where + ": " + field, required(field))) {
      numbers.add(item == null ? Double.NaN : asNumber(field, item).doubleValue());
    }
    return numbers;
  }

  String text(String field) {
    return asText(field, required(field));
  }

  @Nullable String optionalText(String field) {
    Object value = fields.get(field);
    return value == null ? null : asText(field, value);
  }

  double number(String field) {
    return asNumber(field, required(field)).doubleValue();
  }

  int integer(String field) {
    try {
      return asNumber(field, required(field)).intValueExact();
    } catch (ArithmeticException e) {
      throw new InvalidModelException(complaint(where, "has no whole number in " + field), e);
    }
  }

  private Object required(String field) {
    Object value = fields.get(field);
    if (value == null) {
      throw wrong(where, "lacks the field " + field);
    }
    return value;
  }

  private String asText(String field, @Nullable Object value) {
    if (!(value instanceof String text)) {
      throw wrong(where, "has no plain text in " + field);
    }
    return text;
  }

  private BigDecimal asNumber(String field, Object value) {
    String text = asText(field, value);
    if (!NUMBER.matcher(text).matches()) {
      throw wrong(where, "has no number in " + field);
    }
    return new BigDecimal(text);
  }

  private static List<Document> documents(String where, @Nullable Object value) {
    List<Document> documents = new ArrayList<>();
    for (Object item : list(where, value)) {
      documents.add(new Document(where + "[" + documents.size() + "]", item));
    }
    return documents;
  }

  private static List<?> list(String where, @Nullable Object value) {
    if (!(value instanceof List<?> list)) {
      throw wrong(where, "is not a list");
    }
    return list;
  }

  private static @Nullable Object load(String where, String text) {
    LoaderOptions limits = new LoaderOptions();
    limits.setCodePointLimit(MAX_CODE_POINTS);
    limits.setNestingDepthLimit(MAX_DEPTH);
    limits.setMaxAliasesForCollections(0);
    limits.setAllowDuplicateKeys(false);
    limits.setAllowRecursiveKeys(false);
    DumperOptions unused = new DumperOptions();
    Yaml yaml =
        new Yaml(
            new SafeConstructor(limits), new Representer(unused), unused, limits, new OnlyNulls());
    try {
      return yaml.load(text);
    } catch (YAMLException e) {
      throw new InvalidModelException(complaint(where, "is not readable"), e);
    }
  }

  private static InvalidModelException wrong(String where, String what) {
    return new InvalidModelException(complaint(where, what));
  }

  private static String complaint(String where, String what) {
    return where + " " + what + "; compare it with a directory that MLflow or Millrace wrote";
  }

  private static final class OnlyNulls extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }
}

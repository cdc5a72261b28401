package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventField;
import dev.millrace.core.cleansing.Contract;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one producer's payloads become our events; what it does not map becomes an attribute.
 *
 * @param columns names of a CSV line's columns, in order; empty for JSON and Avro
 * @param fields what fills each field
 * @param attributes what fills each declared attribute, by name
 */
public record SourceMapping(
    String name,
    int version,
    Format format,
    List<String> columns,
    Map<EventField, Rule> fields,
    Map<String, Rule> attributes,
    String sha256) {

  public enum Format {
    CSV,
    /** JSON objects, and Avro records, which are read like them. */
    JSON
  }

  /** What a number in the payload counts: units of an amount, or times. */
  public enum Unit {
    UNITS("1"),
    /** Hundredths, as payment providers send amounts. */
    CENTS("0.01"),
    SECONDS("1"),
    MILLISECONDS("0.001"),
    MICROSECONDS("0.000001"),
    MINUTES("60");

    private final BigDecimal ones;

    Unit(String ones) {
      this.ones = new BigDecimal(ones);
    }

    /** What one of them is worth, in whole units or seconds. */
    BigDecimal ones() {
      return ones;
    }
  }

  /**
   * Where a value comes from and what it is.
   *
   * @param from column, or JSON pointer; null for a constant
   * @param path the pointer, if it is one
   * @param constant the value itself; null if it comes from the payload
   * @param unit of micros; means nothing for other types
   * @param time of a time; means nothing for other types, nor does the zone
   */
  public record Rule(
      @Nullable String from,
      @Nullable JsonPointer path,
      @Nullable String constant,
      EventField.Type type,
      Unit unit,
      TimeFormat time,
      ZoneId zone) {}

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}");

  /** An attribute is never a time: it has no place for one. */
  private static final List<EventField.Type> ATTRIBUTE_TYPES =
      List.of(
          EventField.Type.STRING,
          EventField.Type.INTEGER,
          EventField.Type.MICROS,
          EventField.Type.BOOLEAN);

  private static final List<Unit> AMOUNTS = List.of(Unit.UNITS, Unit.CENTS);
  private static final List<Unit> DURATIONS =
      List.of(Unit.SECONDS, Unit.MILLISECONDS, Unit.MICROSECONDS, Unit.MINUTES);

  /**
   * Compiles a declaration.
   *
   * @param file its name, for messages
   * @throws DeclarationException with every problem, its line and what to do
   */
  public static SourceMapping compile(String file, String yaml) {
    Declaration declaration = Declaration.parse(file, yaml);
    declaration.allowOnly(
        Set.of("source", "version", "doc", "format", "columns", "fields", "attributes"));
    String name = declaration.text("source");
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      declaration.problem("source", "a source is named by lower case letters, digits and dashes");
    }
    int version = declaration.positive("version");
    Format format = declaration.oneOf("format", List.of(Format.values()), Format.JSON);
    List<String> columns = declaration.texts("columns");
    if ((format == Format.CSV) == columns.isEmpty()) {
      declaration.problem(
          "columns", "'columns' names the columns of CSV in order, and only of CSV");
    }
    if (new HashSet<>(columns).size() != columns.size()) {
      declaration.problem("columns", "two columns share a name; name each once");
    }

    Map<EventField, Rule> fields = new EnumMap<>(EventField.class);
    Map<String, Declaration> declaredFields = declaration.maps("fields");
    declaredFields.forEach(
        (fieldName, rule) ->
            EventField.named(fieldName)
                .ifPresentOrElse(
                    field -> {
                      rule.allowOnly(keys(field.type(), false));
                      fields.put(field, rule(rule, format, columns, field.type(), unitsOf(field)));
                    },
                    () ->
                        rule.problem(
                            "from",
                            "'%s' is no field of an event; map it under 'attributes'"
                                .formatted(fieldName))));
    for (EventField needed : Contract.NEEDED) {
      if (!declaredFields.containsKey(needed.fieldName())) {
        declaration.problem(
            "fields",
            "'fields' must map %s, for no event is clean without; add '%s: {from: ...}', or a constant"
                .formatted(needed.fieldName(), needed.fieldName()));
      }
    }
    Map<String, Rule> attributes = new TreeMap<>();
    declaration
        .maps("attributes")
        .forEach(
            (attribute, rule) -> {
              EventField.Type type = rule.oneOf("type", ATTRIBUTE_TYPES, EventField.Type.STRING);
              rule.allowOnly(keys(type, true));
              if (!ATTRIBUTE.matcher(attribute).matches()) {
                rule.problem("from", "'%s' can't name an attribute".formatted(attribute));
              }
              if (type == EventField.Type.MICROS && !attribute.endsWith("_micros")) {
                rule.problem(
                    "type",
                    "an attribute in micros says so: name it %s_micros".formatted(attribute));
              }
              attributes.put(attribute, rule(rule, format, columns, type, List.of(Unit.values())));
            });
    requireNamesForTheRest(declaration, columns, fields.values(), attributes);
    declaration.requireNoProblems();
    byte[] canonical = canonical(name, version, format, columns, fields, attributes);
    return new SourceMapping(
        name, version, format, columns, fields, attributes, CanonicalHash.sha256Hex(canonical));
  }

  public SourceMapping {
    columns = List.copyOf(columns);
    fields = Collections.unmodifiableMap(new EnumMap<>(fields));
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /** Whether a CSV line is no event but names the columns, all of them in their order. */
  public boolean isHeader(byte[] line) {
    if (format != Format.CSV) {
      return false;
    }
    @Nullable ObjectNode row = new PayloadParser().csv(line, columns).value();
    return row != null
        && columns.stream().allMatch(column -> column.equals(row.path(column).asText()));
  }

  /** The artifact: the canonical form whose hash is {@link #sha256()}. */
  public byte[] canonical() {
    return canonical(name, version, format, columns, fields, attributes);
  }

  /**
   * Reads the canonical form again. It is a JSON form of what was declared, and JSON is YAML.
   *
   * @throws DeclarationException if the bytes are none
   */
  public static SourceMapping of(byte[] canonical) {
    return compile("artifact", new String(canonical, UTF_8));
  }

  /** A column that no rule reads becomes an attribute, in every event or in none. */
  private static void requireNamesForTheRest(
      Declaration declaration,
      List<String> columns,
      Collection<Rule> fields,
      Map<String, Rule> attributes) {
    Set<@Nullable String> read = new HashSet<>();
    fields.forEach(rule -> read.add(rule.from()));
    attributes.values().forEach(rule -> read.add(rule.from()));
    for (String column : columns) {
      if (read.contains(column)) {
        continue;
      }
      if (attributes.containsKey(column)) {
        declaration.problem(
            "columns",
            "column '%s' is read by no rule and would become the attribute that 'attributes' fills otherwise; rename one of them"
                .formatted(column));
      }
      if (AttributeName.refusal(column) != null) {
        declaration.problem(
            "columns",
            "column '%s' is read by no rule and can't name an attribute: use at most %d characters and no control characters"
                .formatted(column, AttributeName.MAX_LENGTH));
      }
    }
  }

  private static List<Unit> unitsOf(EventField field) {
    return field == EventField.DURATION_MICROS ? DURATIONS : AMOUNTS;
  }

  private static Set<String> keys(EventField.Type type, boolean attribute) {
    Set<String> keys = new HashSet<>(Set.of("from", "constant"));
    if (attribute) {
      keys.add("type");
    }
    if (type == EventField.Type.MICROS) {
      keys.add("unit");
    }
    if (type == EventField.Type.TIME) {
      keys.addAll(Set.of("time", "zone"));
    }
    return keys;
  }

  /**
   * @param units that micros may be sent in, the usual one first
   */
  private static Rule rule(
      Declaration rule,
      Format format,
      List<String> columns,
      EventField.Type type,
      List<Unit> units) {
    @Nullable String from = rule.optionalText("from");
    @Nullable String constant = rule.optionalText("constant");
    if ((from == null) == (constant == null)) {
      rule.problem("from", "give either 'from' or 'constant'");
    }
    if (from != null && format == Format.CSV && !columns.contains(from)) {
      rule.problem("from", "there is no column '%s'; the columns are %s".formatted(from, columns));
    }
    @Nullable JsonPointer path = from != null && format == Format.JSON ? pointer(from) : null;
    if (from != null && format == Format.JSON && path == null) {
      rule.problem("from", "'%s' is no JSON pointer; write /%s".formatted(from, from));
    }
    Unit unit =
        type == EventField.Type.MICROS ? rule.oneOf("unit", units, units.get(0)) : Unit.UNITS;
    Rule compiled = new Rule(from, path, constant, type, unit, time(rule), zone(rule));
    if (constant != null) {
      try {
        ValueReader.read(TextNode.valueOf(constant), compiled);
      } catch (WrongValueException e) {
        rule.problem(
            "constant", "the constant '%s' %s; write another".formatted(constant, e.what()));
      }
    }
    return compiled;
  }

  private static TimeFormat time(Declaration rule) {
    @Nullable String text = rule.optionalText("time");
    try {
      return text == null ? TimeFormat.ISO_8601 : TimeFormat.of(text);
    } catch (IllegalArgumentException e) {
      rule.problem("time", String.valueOf(e.getMessage()));
      return TimeFormat.ISO_8601;
    }
  }

  private static ZoneId zone(Declaration rule) {
    @Nullable String text = rule.optionalText("zone");
    try {
      return ZoneId.of(text == null ? "UTC" : text);
    } catch (DateTimeException e) {
      rule.problem(
          "zone", "'%s' is no time zone; write one like Europe/Berlin or UTC".formatted(text));
      return ZoneOffset.UTC;
    }
  }

  /** Null if it is none, or points to the whole payload. */
  private static @Nullable JsonPointer pointer(String from) {
    try {
      JsonPointer pointer = JsonPointer.compile(from);
      return pointer.matches() ? null : pointer;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static byte[] canonical(
      String name,
      int version,
      Format format,
      List<String> columns,
      Map<EventField, Rule> fields,
      Map<String, Rule> attributes) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("source", name);
    json.put("version", version);
    json.put("format", Declaration.word(format));
    if (!columns.isEmpty()) {
      columns.forEach(json.putArray("columns")::add);
    }
    ObjectNode fieldRules = json.putObject("fields");
    fields.forEach(
        (field, rule) ->
            fieldRules.set(field.fieldName(), json(rule, unitsOf(field).get(0), false)));
    ObjectNode attributeRules = json.putObject("attributes");
    attributes.forEach(
        (attribute, rule) -> attributeRules.set(attribute, json(rule, Unit.UNITS, true)));
    return CanonicalJson.write(json);
  }

  private static JsonNode json(Rule rule, Unit usual, boolean withType) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (rule.from() != null) {
      json.put("from", rule.from());
    }
    if (rule.constant() != null) {
      json.put("constant", rule.constant());
    }
    if (withType) {
      json.put("type", Declaration.word(rule.type()));
    }
    if (rule.type() == EventField.Type.MICROS && rule.unit() != usual) {
      json.put("unit", Declaration.word(rule.unit()));
    }
    if (rule.type() == EventField.Type.TIME) {
      json.put("time", rule.time().text());
      json.put("zone", rule.zone().getId());
    }
    return json;
  }
}

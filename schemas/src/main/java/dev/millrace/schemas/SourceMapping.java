package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventField;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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

  /** How a time is written. */
  public enum TimeFormat {
    /** A text such as 2026-01-01T12:00:00Z; without an offset it is local to the declared zone. */
    ISO_8601,
    EPOCH_SECONDS,
    EPOCH_MILLIS,
    EPOCH_MICROS
  }

  /**
   * Where a value comes from and what it is.
   *
   * @param from column, or JSON pointer; null for a constant
   * @param constant the value itself; null if it comes from the payload
   */
  public record Rule(
      @Nullable String from,
      @Nullable String constant,
      EventField.Type type,
      TimeFormat time,
      ZoneId zone) {}

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}");
  private static final Set<String> RULE_KEYS = Set.of("from", "constant", "type", "time", "zone");

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
    Format format = oneOf(declaration, "format", Format.class, Format.JSON);
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
                    field -> fields.put(field, rule(rule, format, columns, field.type())),
                    () ->
                        rule.problem(
                            "from",
                            "'%s' is no field of an event; map it under 'attributes'"
                                .formatted(fieldName))));
    for (EventField needed : List.of(EventField.USER_ID, EventField.EVENT_TIME)) {
      if (!declaredFields.containsKey(needed.fieldName())) {
        declaration.problem(
            "fields", "'fields' must map %s: no event is without".formatted(needed.fieldName()));
      }
    }
    Map<String, Rule> attributes = new TreeMap<>();
    declaration
        .maps("attributes")
        .forEach(
            (attribute, rule) -> {
              EventField.Type type =
                  oneOf(rule, "type", EventField.Type.class, EventField.Type.STRING);
              if (!ATTRIBUTE.matcher(attribute).matches()) {
                rule.problem("from", "'%s' can't name an attribute".formatted(attribute));
              }
              if (type == EventField.Type.MICROS && !attribute.endsWith("_micros")) {
                rule.problem(
                    "type",
                    "an attribute in micros says so: name it %s_micros".formatted(attribute));
              }
              if (type == EventField.Type.TIME) {
                rule.problem("type", "an attribute can't be a time; leave it a string");
              }
              attributes.put(attribute, rule(rule, format, columns, type));
            });
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

  private static Rule rule(
      Declaration rule, Format format, List<String> columns, EventField.Type type) {
    rule.allowOnly(RULE_KEYS);
    @Nullable String from = rule.optionalText("from");
    @Nullable String constant = rule.optionalText("constant");
    if ((from == null) == (constant == null)) {
      rule.problem("from", "give either 'from' or 'constant'");
    }
    if (from != null && format == Format.CSV && !columns.contains(from)) {
      rule.problem("from", "there is no column '%s'; the columns are %s".formatted(from, columns));
    }
    if (from != null && format == Format.JSON && !isPointer(from)) {
      rule.problem("from", "'%s' is no JSON pointer; write /%s".formatted(from, from));
    }
    TimeFormat time = oneOf(rule, "time", TimeFormat.class, TimeFormat.ISO_8601);
    ZoneId zone = ZoneId.of("UTC");
    @Nullable String zoneText = rule.optionalText("zone");
    if (zoneText != null) {
      try {
        zone = ZoneId.of(zoneText);
      } catch (DateTimeException e) {
        rule.problem(
            "zone",
            "'%s' is no time zone; write one like Europe/Berlin or UTC".formatted(zoneText));
      }
    }
    return new Rule(from, constant, type, time, zone);
  }

  private static boolean isPointer(String from) {
    try {
      return !JsonPointer.compile(from).matches();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static <E extends Enum<E>> E oneOf(
      Declaration declaration, String key, Class<E> type, E otherwise) {
    @Nullable String text = declaration.optionalText(key);
    if (text == null) {
      return otherwise;
    }
    List<String> choices = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String choice = constant.name().toLowerCase(Locale.ROOT);
      if (choice.equals(text)) {
        return constant;
      }
      choices.add(choice);
    }
    declaration.problem(key, "'%s' is not known; use one of %s".formatted(text, choices));
    return otherwise;
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
    json.put("format", format.name().toLowerCase(Locale.ROOT));
    if (!columns.isEmpty()) {
      columns.forEach(json.putArray("columns")::add);
    }
    ObjectNode fieldRules = json.putObject("fields");
    fields.forEach((field, rule) -> fieldRules.set(field.fieldName(), json(rule, false)));
    ObjectNode attributeRules = json.putObject("attributes");
    attributes.forEach((attribute, rule) -> attributeRules.set(attribute, json(rule, true)));
    return CanonicalJson.write(json);
  }

  private static JsonNode json(Rule rule, boolean withType) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (rule.from() != null) {
      json.put("from", rule.from());
    }
    if (rule.constant() != null) {
      json.put("constant", rule.constant());
    }
    if (withType) {
      json.put("type", rule.type().name().toLowerCase(Locale.ROOT));
    }
    if (rule.type() == EventField.Type.TIME) {
      json.put("time", rule.time().name().toLowerCase(Locale.ROOT));
      json.put("zone", rule.zone().getId());
    }
    return json;
  }
}

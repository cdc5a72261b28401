package dev.millrace.schemas;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Micros;
import dev.millrace.core.Reason;
import dev.millrace.core.UserId;
import dev.millrace.core.Violation;
import dev.millrace.schemas.SourceMapping.Rule;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Reads payloads by their source mapping. Ingest uses it to find the user, cleansing to read the
 * whole event: the same code, so the two never differ.
 */
public final class EventReader {

  private static final int MAX_INTEGER_DIGITS = 19;

  private final PayloadParser parser = new PayloadParser();

  public EventReader() {}

  /** For callers that have a registry at hand; it is not asked. */
  public EventReader(SchemaRegistry unused) {}

  /** Reads a payload that is not Avro. */
  public Reading read(byte[] payload, String contentType, @Nullable SourceMapping mapping) {
    return read(payload, contentType, mapping, null);
  }

  /**
   * Everything that could be read of the payload, and everything that could not. Asks nobody: equal
   * arguments give an equal reading.
   *
   * @param mapping null if none of that source is active
   * @param writer the schema that an Avro payload was stamped with; null if there is none
   */
  public Reading read(
      byte[] payload,
      String contentType,
      @Nullable SourceMapping mapping,
      @Nullable Schema writer) {
    if (payload.length == 0) {
      return refused(Reason.EMPTY_PAYLOAD, "has no bytes");
    }
    if (payload.length > Topics.MAX_PAYLOAD_BYTES) {
      return refused(
          Reason.PAYLOAD_TOO_LARGE, "has more than " + Topics.MAX_PAYLOAD_BYTES + " bytes");
    }
    if (mapping == null) {
      return refused(
          Reason.UNKNOWN_SOURCE,
          "no mapping of its source is active; activate one and send it again");
    }
    Framed.Unframed<ObjectNode> parsed = parse(payload, contentType, mapping, writer);
    return parsed.value() == null
        ? new Reading(
            new EventContent(Map.of()), List.of(Objects.requireNonNull(parsed.violation())))
        : new Extraction(parsed.value(), mapping).read();
  }

  private Framed.Unframed<ObjectNode> parse(
      byte[] payload, String contentType, SourceMapping mapping, @Nullable Schema writer) {
    boolean csv = mapping.format() == SourceMapping.Format.CSV;
    return switch (contentType) {
      case ContentType.CSV ->
          csv ? parser.csv(payload, mapping.columns()) : otherFormat("CSV", mapping);
      case ContentType.JSON -> csv ? otherFormat("JSON", mapping) : parser.json(payload);
      case ContentType.AVRO -> csv ? otherFormat("Avro", mapping) : parser.avro(payload, writer);
      default ->
          Framed.Unframed.refused(
              Reason.UNKNOWN_CONTENT_TYPE,
              "its content type is none of %s, %s and %s"
                  .formatted(ContentType.JSON, ContentType.CSV, ContentType.AVRO));
    };
  }

  private static Framed.Unframed<ObjectNode> otherFormat(String format, SourceMapping mapping) {
    return Framed.Unframed.refused(
        Reason.UNKNOWN_CONTENT_TYPE,
        "is %s, but source %s sends %s".formatted(format, mapping.name(), mapping.format()));
  }

  private static Reading refused(Reason rule, String message) {
    return new Reading(new EventContent(Map.of()), List.of(new Violation(rule, null, message)));
  }

  /** A value that is not what its rule says; the message names no value. */
  private static final class WrongValueException extends Exception {
    private final Reason rule;
    private final String what;

    WrongValueException(Reason rule, String what) {
      super(what, null, false, false);
      this.rule = rule;
      this.what = what;
    }

    Violation of(String field) {
      return new Violation(rule, field, what);
    }
  }

  /** One payload's way through its mapping. */
  private static final class Extraction {

    private final ObjectNode tree;
    private final SourceMapping mapping;
    private final Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    private final SortedMap<String, Object> attributes = new TreeMap<>();
    private final List<Violation> violations = new ArrayList<>();
    private final Set<String> used = new HashSet<>();

    Extraction(ObjectNode tree, SourceMapping mapping) {
      this.tree = tree;
      this.mapping = mapping;
    }

    Reading read() {
      mapping
          .fields()
          .forEach(
              (field, rule) -> {
                @Nullable Object value = value(field.fieldName(), rule);
                if (field == EventField.USER_ID && value instanceof String userId) {
                  value = UserId.canonical(userId);
                }
                if (value != null) {
                  fields.put(field, value);
                }
              });
      mapping
          .attributes()
          .forEach(
              (name, rule) -> {
                @Nullable Object value = value(name, rule);
                if (value != null) {
                  attributes.put(name, value);
                }
              });
      addTheRest();
      return new Reading(new EventContent(fields, attributes), violations);
    }

    private @Nullable Object value(String name, Rule rule) {
      JsonNode node = rule.constant() != null ? tree.textNode(rule.constant()) : find(rule.from());
      if (node.isMissingNode() || node.isNull()) {
        return null;
      }
      try {
        return convert(node, rule);
      } catch (WrongValueException e) {
        violations.add(e.of(name));
        return null;
      }
    }

    private JsonNode find(@Nullable String from) {
      if (from == null) {
        return tree.path("");
      }
      if (mapping.format() == SourceMapping.Format.CSV) {
        used.add(from);
        return tree.path(from);
      }
      JsonPointer pointer = JsonPointer.compile(from);
      used.add(pointer.getMatchingProperty());
      return tree.at(pointer);
    }

    /** Top-level members that no rule reads; what is nested stays JSON text. */
    private void addTheRest() {
      for (Map.Entry<String, JsonNode> member : tree.properties()) {
        if (!used.contains(member.getKey()) && !attributes.containsKey(member.getKey())) {
          addUndeclared(member.getKey(), member.getValue());
        }
      }
    }

    private void addUndeclared(String name, JsonNode node) {
      try {
        if (node.isTextual()) {
          attributes.put(name, text(node));
        } else if (node.isBoolean()) {
          attributes.put(name, node.booleanValue());
        } else if (node.isIntegralNumber() && node.canConvertToLong()) {
          attributes.put(name, node.longValue());
        } else if (node.isNumber() && Double.isFinite(node.doubleValue())) {
          attributes.put(name, node.doubleValue());
        } else if (!node.isNull()) {
          attributes.put(name, requireWellFormed(node.toString()));
        }
      } catch (WrongValueException e) {
        violations.add(e.of(name));
      }
    }
  }

  private static Object convert(JsonNode node, Rule rule) throws WrongValueException {
    return switch (rule.type()) {
      case STRING -> text(node);
      case INTEGER -> integer(decimal(node));
      case MICROS -> micros(decimal(node));
      case BOOLEAN -> bool(node);
      case TIME -> time(node, rule);
    };
  }

  private static String text(JsonNode node) throws WrongValueException {
    if (node.isTextual()) {
      return requireWellFormed(node.textValue());
    }
    // Ids are often sent as numbers. A fraction or an exponent has more than one spelling, so no.
    if (node.isIntegralNumber()) {
      return node.asText();
    }
    throw new WrongValueException(Reason.WRONG_TYPE, "is not a text");
  }

  private static String requireWellFormed(String text) throws WrongValueException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new WrongValueException(Reason.WRONG_TYPE, "holds half a character");
        }
        i++;
      }
    }
    return text;
  }

  private static BigDecimal decimal(JsonNode node) throws WrongValueException {
    if (node.isNumber()) {
      return node.decimalValue();
    }
    if (node.isTextual() && node.textValue().length() <= 100) {
      try {
        return new BigDecimal(node.textValue().strip());
      } catch (NumberFormatException e) {
        throw new WrongValueException(Reason.WRONG_TYPE, "is not a number");
      }
    }
    throw new WrongValueException(Reason.WRONG_TYPE, "is not a number");
  }

  private static Long integer(BigDecimal number) throws WrongValueException {
    if (number.signum() != 0 && number.precision() - (long) number.scale() > MAX_INTEGER_DIGITS) {
      throw new WrongValueException(Reason.OUT_OF_RANGE, "does not fit into 64 bits");
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      boolean fraction = number.stripTrailingZeros().scale() > 0;
      throw new WrongValueException(
          fraction ? Reason.WRONG_TYPE : Reason.OUT_OF_RANGE,
          fraction ? "is not a whole number" : "does not fit into 64 bits");
    }
  }

  private static Long micros(BigDecimal number) throws WrongValueException {
    try {
      return Micros.of(number);
    } catch (ArithmeticException e) {
      throw new WrongValueException(Reason.OUT_OF_RANGE, "does not fit into 64 bits of millionths");
    }
  }

  private static Boolean bool(JsonNode node) throws WrongValueException {
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isTextual() && (node.textValue().equals("true") || node.textValue().equals("false"))) {
      return node.textValue().equals("true");
    }
    throw new WrongValueException(Reason.WRONG_TYPE, "is neither true nor false");
  }

  private static Instant time(JsonNode node, Rule rule) throws WrongValueException {
    try {
      Instant time =
          switch (rule.time()) {
            case ISO_8601 -> {
              if (!node.isTextual()) {
                throw new WrongValueException(Reason.WRONG_TYPE, "is not an ISO 8601 text");
              }
              yield isoTime(node.textValue().strip(), rule.zone());
            }
            case EPOCH_SECONDS -> Micros.toInstant(micros(decimal(node)));
            case EPOCH_MILLIS -> Micros.toInstant(micros(decimal(node).movePointLeft(3)));
            case EPOCH_MICROS -> Micros.toInstant(integer(decimal(node)));
          };
      // Cut down to the precision that is kept, so that one time has one form; checks the range.
      return Micros.toInstant(Micros.of(time));
    } catch (ArithmeticException e) {
      throw new WrongValueException(Reason.OUT_OF_RANGE, "is no time that a calendar has");
    } catch (DateTimeException e) {
      throw new WrongValueException(
          Reason.WRONG_TYPE, "is not an ISO 8601 time such as 2026-01-01T12:00:00Z");
    }
  }

  private static Instant isoTime(String text, ZoneId zone) {
    TemporalAccessor parsed =
        DateTimeFormatter.ISO_DATE_TIME.parseBest(
            text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from);
    return parsed instanceof OffsetDateTime time
        ? time.toInstant()
        : ((LocalDateTime) parsed).atZone(zone).toInstant();
  }
}

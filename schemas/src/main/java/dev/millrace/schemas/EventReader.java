package dev.millrace.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.UserId;
import dev.millrace.core.Violation;
import dev.millrace.schemas.SourceMapping.Rule;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Reads payloads by their source mapping. Ingest uses it to find the user, cleansing to read the
 * whole event: the same code, so the two never differ.
 */
public final class EventReader {

  /** An attribute named by its path is longer than what was sent; this bounds by how much. */
  static final int MAX_ATTRIBUTES = 4_096;

  /** Enough to see what is wrong, and few enough for a quarantine record. */
  static final int MAX_VIOLATIONS = 100;

  private final PayloadParser parser = new PayloadParser();
  private final Map<String, ReadPaths> paths = new ConcurrentHashMap<>();

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
    Framed.Unframed<ObjectNode> parsed = parse(payload, contentType, mapping, writer);
    if (parsed.value() == null) {
      return new Reading(
          new EventContent.Builder().build(), List.of(Objects.requireNonNull(parsed.violation())));
    }
    SourceMapping known = Objects.requireNonNull(mapping);
    return new Extraction(parsed.value(), known).read(pathsOf(known));
  }

  /**
   * The user that {@link #read} would find, at less cost; null if it would find none.
   *
   * @param mapping as for reading
   * @param writer as for reading
   */
  public @Nullable String userId(
      byte[] payload,
      String contentType,
      @Nullable SourceMapping mapping,
      @Nullable Schema writer) {
    @Nullable ObjectNode tree = parse(payload, contentType, mapping, writer).value();
    return tree == null ? null : new Extraction(tree, Objects.requireNonNull(mapping)).userId();
  }

  /** The payload's tree; without a mapping there is none. */
  private Framed.Unframed<ObjectNode> parse(
      byte[] payload,
      String contentType,
      @Nullable SourceMapping mapping,
      @Nullable Schema writer) {
    if (payload.length == 0) {
      return Framed.Unframed.refused(Reason.EMPTY_PAYLOAD, "has no bytes");
    }
    if (payload.length > Topics.MAX_PAYLOAD_BYTES) {
      return Framed.Unframed.refused(
          Reason.PAYLOAD_TOO_LARGE, "has more than " + Topics.MAX_PAYLOAD_BYTES + " bytes");
    }
    if (mapping == null) {
      return Framed.Unframed.refused(
          Reason.UNKNOWN_SOURCE,
          "no mapping of its source is active; activate one and send it again");
    }
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

  private ReadPaths pathsOf(SourceMapping mapping) {
    return paths.computeIfAbsent(mapping.sha256(), sha256 -> ReadPaths.of(mapping));
  }

  /** One payload's way through its mapping. */
  private static final class Extraction {

    private final ObjectNode tree;
    private final SourceMapping mapping;
    private final EventContent.Builder content = new EventContent.Builder();
    private final SortedMap<String, Object> attributes = new TreeMap<>();
    private final Set<Violation> violations = new LinkedHashSet<>();

    Extraction(ObjectNode tree, SourceMapping mapping) {
      this.tree = tree;
      this.mapping = mapping;
    }

    Reading read(ReadPaths paths) {
      mapping
          .fields()
          .forEach(
              (field, rule) ->
                  content.put(
                      field,
                      field == EventField.USER_ID ? userId() : value(field.fieldName(), rule)));
      mapping
          .attributes()
          .forEach(
              (name, rule) -> {
                @Nullable Object value = value(name, rule);
                if (value != null) {
                  attributes.put(name, value);
                }
              });
      addRestOf("", tree, paths);
      return new Reading(content.attributes(attributes).build(), List.copyOf(violations));
    }

    @Nullable String userId() {
      Rule rule = Objects.requireNonNull(mapping.fields().get(EventField.USER_ID));
      return value(EventField.USER_ID.fieldName(), rule) instanceof String userId
          ? UserId.canonical(userId)
          : null;
    }

    private @Nullable Object value(String name, Rule rule) {
      JsonNode node = rule.constant() != null ? tree.textNode(rule.constant()) : find(rule);
      if (node.isMissingNode() || node.isNull()) {
        return null;
      }
      try {
        return ValueReader.read(node, rule);
      } catch (WrongValueException e) {
        refuse(e.of(name));
        return null;
      }
    }

    private JsonNode find(Rule rule) {
      return rule.path() == null
          ? tree.path(Objects.requireNonNull(rule.from()))
          : tree.at(rule.path());
    }

    /**
     * What no rule reads becomes attributes, so that nothing a producer sends is lost, or could
     * change without changing the event: a member that no rule enters as a whole, by its name; one
     * that is read in part, member by member, named by the path to it.
     */
    private void addRestOf(String prefix, JsonNode container, ReadPaths paths) {
      if (container.isArray()) {
        for (int i = 0; i < container.size(); i++) {
          String position = Integer.toString(i);
          addRest(prefix + position, container.get(i), paths.inside(position));
        }
      } else {
        for (Map.Entry<String, JsonNode> member : container.properties()) {
          addRest(prefix + member.getKey(), member.getValue(), paths.inside(member.getKey()));
        }
      }
    }

    private void addRest(String name, JsonNode node, @Nullable ReadPaths read) {
      if (read == null || (!read.isWhole() && (!node.isContainerNode() || node.isEmpty()))) {
        addAttribute(name, node);
      } else if (!read.isWhole()) {
        addRestOf(name + ".", node, read);
      }
    }

    private void addAttribute(String name, JsonNode node) {
      if (node.isNull()) {
        return;
      }
      @Nullable Violation badName = AttributeName.refusal(name);
      if (badName != null) {
        refuse(badName);
      } else if (mapping.attributes().containsKey(name) || attributes.containsKey(name)) {
        refuse(
            new Violation(
                Reason.WRONG_TYPE, name, "has a second value, by its own name or by a path"));
      } else if (attributes.size() >= MAX_ATTRIBUTES) {
        refuse(
            new Violation(
                Reason.TOO_LONG, null, "has more than " + MAX_ATTRIBUTES + " attributes"));
      } else {
        try {
          attributes.put(name, ValueReader.undeclared(node));
        } catch (WrongValueException e) {
          refuse(e.of(name));
        }
      }
    }

    private void refuse(Violation violation) {
      if (violations.size() < MAX_VIOLATIONS) {
        violations.add(violation);
      }
    }
  }
}

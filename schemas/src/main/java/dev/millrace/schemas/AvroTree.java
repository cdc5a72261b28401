package dev.millrace.schemas;

import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Micros;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** An Avro record as the JSON object that a mapping reads; times become ISO 8601 texts. */
final class AvroTree {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private AvroTree() {}

  /** Most records and collections that one record may hold by its schema alone. */
  private static final int MAX_EXPANSION = 10_000;

  /**
   * How far a schema unfolds.
   *
   * @param depth levels of records and collections
   * @param size records and collections, each collection's elements counted once
   */
  private record Shape(int depth, int size) {

    static final Shape SCALAR = new Shape(0, 0);

    Shape inside() {
      return new Shape(depth + 1, size + 1);
    }

    Shape beside(Shape other) {
      return new Shape(Math.max(depth, other.depth), size + other.size);
    }
  }

  /**
   * Checks that the schema bounds what its records unfold to; otherwise a few bytes could become
   * more than the stack or the memory holds.
   *
   * @throws AvroRuntimeException if it nests in itself, deeper than the levels, or too widely
   */
  static void requireBounded(Schema schema, int levels) {
    shape(schema, levels, new IdentityHashMap<>());
  }

  private static Shape shape(Schema schema, int levels, Map<Schema, Shape> known) {
    Shape seen = known.get(schema);
    if (seen != null) {
      return seen;
    }
    if (levels < 0) {
      throw new AvroRuntimeException("Nests too deeply, or in itself");
    }
    Shape shape =
        switch (schema.getType()) {
          case RECORD ->
              schema.getFields().stream()
                  .map(field -> shape(field.schema(), levels - 1, known))
                  .reduce(Shape.SCALAR, AvroTree::bounded)
                  .inside();
          case ARRAY -> shape(schema.getElementType(), levels - 1, known).inside();
          case MAP -> shape(schema.getValueType(), levels - 1, known).inside();
          case UNION ->
              schema.getTypes().stream()
                  .map(branch -> shape(branch, levels, known))
                  .reduce(Shape.SCALAR, AvroTree::bounded);
          default -> Shape.SCALAR;
        };
    if (shape.depth() > levels) {
      throw new AvroRuntimeException("Nests too deeply");
    }
    known.put(schema, shape);
    return shape;
  }

  private static Shape bounded(Shape one, Shape other) {
    Shape both = one.beside(other);
    if (both.size() > MAX_EXPANSION) {
      throw new AvroRuntimeException("Unfolds too widely");
    }
    return both;
  }

  static ObjectNode of(GenericRecord avro) {
    ObjectNode object = JSON.objectNode();
    for (Schema.Field field : avro.getSchema().getFields()) {
      object.set(field.name(), node(avro.get(field.pos()), field.schema()));
    }
    return object;
  }

  private static JsonNode node(@Nullable Object value, Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          node(value, schema.getTypes().get(GenericData.get().resolveUnion(schema, value)));
      case RECORD -> of((GenericRecord) Objects.requireNonNull(value));
      case ARRAY -> {
        ArrayNode array = JSON.arrayNode();
        ((Collection<?>) Objects.requireNonNull(value))
            .forEach(item -> array.add(node(item, schema.getElementType())));
        yield array;
      }
      case MAP -> {
        Map<String, JsonNode> sorted = new TreeMap<>();
        ((Map<?, ?>) Objects.requireNonNull(value))
            .forEach((key, item) -> sorted.put(key.toString(), node(item, schema.getValueType())));
        yield JSON.objectNode().setAll(sorted);
      }
      case STRING, ENUM -> JSON.textNode(Objects.requireNonNull(value).toString());
      case INT, LONG ->
          integer(((Number) Objects.requireNonNull(value)).longValue(), schema.getLogicalType());
      case FLOAT -> {
        float number = (Float) Objects.requireNonNull(value);
        yield real(number, NumberOutput.toString(number, true));
      }
      case DOUBLE -> {
        double number = (Double) Objects.requireNonNull(value);
        yield real(number, NumberOutput.toString(number, true));
      }
      case BOOLEAN -> JSON.booleanNode((Boolean) Objects.requireNonNull(value));
      case BYTES -> binary((ByteBuffer) Objects.requireNonNull(value), schema.getLogicalType());
      case FIXED ->
          binary(
              ByteBuffer.wrap(((GenericFixed) Objects.requireNonNull(value)).bytes()),
              schema.getLogicalType());
      case NULL -> JSON.nullNode();
    };
  }

  private static JsonNode integer(long value, @Nullable LogicalType type) {
    try {
      if (type instanceof LogicalTypes.TimestampMillis) {
        return JSON.textNode(Instant.ofEpochMilli(value).toString());
      }
      if (type instanceof LogicalTypes.TimestampMicros) {
        return JSON.textNode(Micros.toInstant(value).toString());
      }
      if (type instanceof LogicalTypes.Date) {
        return JSON.textNode(LocalDate.ofEpochDay(value).toString());
      }
    } catch (DateTimeException e) {
      return JSON.numberNode(value); // No such time; whoever wants a time of it will say so.
    }
    return JSON.numberNode(value);
  }

  /**
   * NaN and the infinities become texts.
   *
   * @param shortest the fewest digits that mean the number
   */
  private static JsonNode real(double number, String shortest) {
    return Double.isFinite(number)
        ? JSON.numberNode(new BigDecimal(shortest))
        : JSON.textNode(shortest);
  }

  private static JsonNode binary(ByteBuffer bytes, @Nullable LogicalType type) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return type instanceof LogicalTypes.Decimal decimal && copy.length > 0
        ? JSON.numberNode(new BigDecimal(new BigInteger(copy), decimal.getScale()))
        : JSON.binaryNode(copy);
  }
}

package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.ActivationMessage;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.FileMessage;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schema.ViolationMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageWriterTest {

  private static final int MESSAGES = 300;

  /** By the schema's name. */
  private static final Map<String, Supplier<SpecificRecord>> EMPTY =
      Map.of(
          "ActivationMessage", ActivationMessage::new,
          "CleanEventMessage", CleanEventMessage::new,
          "DuplicateEventMessage", DuplicateEventMessage::new,
          "FeatureVectorMessage", FeatureVectorMessage::new,
          "FileMessage", FileMessage::new,
          "OriginMessage", OriginMessage::new,
          "QuarantinedEventMessage", QuarantinedEventMessage::new,
          "RawEventMessage", RawEventMessage::new,
          "ScoreMessage", ScoreMessage::new,
          "ViolationMessage", ViolationMessage::new);

  static {
    AvroSafety.apply(); // or Avro's own writer trusts none of our classes
  }

  private interface Writing {
    void to(BinaryEncoder encoder) throws IOException;
  }

  static Stream<Schema> schemas() {
    return Topics.ALL.stream().map(Topics.Topic::schema).filter(schema -> schema != null);
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void writesEachMessageToTheByteAsAvrosOwnWriterDoes(Schema schema) throws IOException {
    MessageWriter<SpecificRecord> writer = new MessageWriter<>(schema);
    SpecificDatumWriter<SpecificRecord> slow = new SpecificDatumWriter<>(schema);
    for (long seed = 1; seed <= MESSAGES; seed++) {
      SpecificRecord message = message(schema, new Random(seed));

      assertThat(bytes(encoder -> writer.write(message, encoder)))
          .as("%s, seed %d", schema.getName(), seed)
          .isEqualTo(bytes(encoder -> slow.write(message, encoder)));
    }
  }

  @Test
  void refusesAMessageThatLacksAValue() {
    MessageWriter<OriginMessage> writer = new MessageWriter<>(OriginMessage.getClassSchema());

    assertThatThrownBy(() -> bytes(encoder -> writer.write(new OriginMessage(), encoder)))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void refusesAValueThatNoBranchOfItsUnionHolds() {
    FeatureVectorMessage message =
        (FeatureVectorMessage) message(FeatureVectorMessage.getClassSchema(), new Random(1));
    message.setValues(List.of(1)); // an int, where only longs are declared
    MessageWriter<FeatureVectorMessage> writer =
        new MessageWriter<>(FeatureVectorMessage.getClassSchema());

    assertThatThrownBy(() -> bytes(encoder -> writer.write(message, encoder)))
        .hasMessageContaining("java.lang.Integer");
  }

  @Test
  void refusesTypesThatNoMessageOfOursHas() {
    for (Schema schema :
        List.of(
            Schema.create(Schema.Type.FLOAT),
            LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG)))) {
      assertThatThrownBy(() -> new MessageWriter<>(schema))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static byte[] bytes(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    writing.to(encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static SpecificRecord message(Schema schema, Random random) {
    SpecificRecord message = EMPTY.get(schema.getName()).get();
    for (Schema.Field field : schema.getFields()) {
      message.put(field.pos(), value(field.schema(), random));
    }
    return message;
  }

  private static @Nullable Object value(Schema schema, Random random) {
    return switch (schema.getType()) {
      case RECORD -> message(schema, random);
      case UNION -> value(schema.getTypes().get(random.nextInt(schema.getTypes().size())), random);
      case ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(value(schema.getElementType(), random));
        }
        yield items;
      }
      case MAP -> {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          entries.put(text(random), value(schema.getValueType(), random));
        }
        yield entries;
      }
      case STRING -> text(random);
      case BYTES -> {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        int from = random.nextInt(bytes.length + 1);
        yield ByteBuffer.wrap(bytes, from, bytes.length - from);
      }
      case INT ->
          schema.getLogicalType() == null
              ? (Object) number(random).intValue()
              : LocalDate.ofEpochDay(random.nextInt(40_000) - 20_000);
      case LONG -> schema.getLogicalType() == null ? (Object) number(random) : time(random);
      case DOUBLE -> random.nextGaussian();
      case BOOLEAN -> random.nextBoolean();
      case NULL -> null;
      default -> throw new AssertionError(schema);
    };
  }

  /** Of any length in bytes. */
  private static Long number(Random random) {
    return random.nextLong() >> random.nextInt(64);
  }

  /** Before 1970 as well, and finer than a message keeps. */
  private static Instant time(Random random) {
    return Instant.EPOCH
        .plus(random.nextInt(100_000) - 50_000, ChronoUnit.DAYS)
        .plusNanos(random.nextLong() >> 20);
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(12), 1, 0x800)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}

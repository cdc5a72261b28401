package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.OriginMessage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;

class RecordDigestTest {

  private static final byte[] KEY = "ann".getBytes(UTF_8);
  private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

  private static CleanEventMessage.Builder message() {
    return CleanEventMessage.newBuilder()
        .setUserId("ann")
        .setEventId("e-1")
        .setEventIdDerived(false)
        .setEventTime(NOON)
        .setReceivedAt(NOON)
        .setProcessingDate(LocalDate.of(2026, 1, 5))
        .setLate(false)
        .setEventType("login")
        .setSource("default")
        .setOrigin(new OriginMessage("topic", 1, 2L))
        .setActivationOffset(3)
        .setMappingSha256("m")
        .setContractSha256("c");
  }

  private static byte[] digest(CleanEventMessage.Builder message) {
    return RecordDigest.of(KEY, message.build());
  }

  @Test
  void everythingThatAMessageSaysCounts() {
    byte[] digest = digest(message());

    assertThat(digest).hasSize(32).isEqualTo(digest(message()));
    assertThat(
            List.of(
                digest(message().setEventTime(NOON.plusMillis(1))),
                digest(message().setProcessingDate(LocalDate.of(2026, 1, 6))),
                digest(message().setLate(true)),
                digest(message().setQuantity(0L)),
                digest(message().setFlags(List.of("quantity:ODD"))),
                digest(message().setAttributes(Map.of("a", 1L))),
                digest(message().setOrigin(new OriginMessage("topic", 1, 3L))),
                RecordDigest.of("bob".getBytes(UTF_8), message().build()),
                RecordDigest.of(null, message().build())))
        .doesNotContain(digest)
        .doesNotHaveDuplicates();
  }

  @Test
  void theOrderOfAMapDoesNotMatter() {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("a", 1L);
    one.put("b", null);
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("b", null);
    other.put("a", 1L);

    assertThat(digest(message().setAttributes(one)))
        .isEqualTo(digest(message().setAttributes(other)))
        .isNotEqualTo(digest(message().setAttributes(Map.of("a", 1L))));
  }

  @Test
  void aFieldThatIsAddedChangesNothingUntilItSaysSomething() {
    Schema before = SchemaBuilder.record("R").fields().requiredString("user_id").endRecord();
    Schema after =
        SchemaBuilder.record("R")
            .fields()
            .requiredString("user_id")
            .optionalLong("more")
            .endRecord();
    GenericData.Record old = new GenericData.Record(before);
    old.put("user_id", "ann");
    GenericData.Record same = new GenericData.Record(after);
    same.put("user_id", "ann");

    assertThat(RecordDigest.of(KEY, same)).isEqualTo(RecordDigest.of(KEY, old));
    same.put("more", 1L);
    assertThat(RecordDigest.of(KEY, same)).isNotEqualTo(RecordDigest.of(KEY, old));
  }

  @Test
  void bytesCountByWhatIsInThem() {
    Schema schema = SchemaBuilder.record("R").fields().requiredBytes("payload").endRecord();
    GenericData.Record one = new GenericData.Record(schema);
    one.put("payload", ByteBuffer.wrap(new byte[] {1, 2}));
    GenericData.Record same = new GenericData.Record(schema);
    same.put("payload", ByteBuffer.wrap(new byte[] {0, 1, 2}, 1, 2));
    GenericData.Record other = new GenericData.Record(schema);
    other.put("payload", ByteBuffer.wrap(new byte[] {1, 3}));

    assertThat(RecordDigest.of(KEY, one))
        .isEqualTo(RecordDigest.of(KEY, same))
        .isNotEqualTo(RecordDigest.of(KEY, other));
  }
}

package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schemas.SchemaRegistry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What no careful producer puts on a topic, beyond the payloads of {@code schemas/corpus}. */
final class HostileRecords {

  private HostileRecords() {}

  /** Avro that no reader can take, whichever schema it was to be read by. */
  @SuppressWarnings("ArrayRecordComponent") // sent, never compared
  record Hostile(byte[] payload, String reason) {}

  static Map<String, Hostile> avro(SchemaRegistry registry) {
    Schema schema =
        SchemaBuilder.record("Hostile")
            .fields()
            .requiredString("user_id")
            .name("tags")
            .type()
            .array()
            .items()
            .stringType()
            .noDefault()
            .name("blob")
            .type()
            .bytesType()
            .noDefault()
            .endRecord();
    int id = registry.register("hostile", schema);
    byte[] good = {6, 'a', 'n', 'n', 2, 2, 'x', 0, 2, 7};
    Map<String, Hostile> payloads = new LinkedHashMap<>();
    for (int length = 0; length < good.length; length++) {
      payloads.put(
          "avro cut after " + length + " bytes",
          new Hostile(framed(0, id, Arrays.copyOf(good, length)), "AVRO_MALFORMED"));
    }
    payloads.put(
        "avro with bytes behind", new Hostile(framed(0, id, good, 1, 2), "AVRO_MALFORMED"));
    payloads.put("avro of another magic", new Hostile(framed(1, id, good), "AVRO_MALFORMED"));
    for (int unknown : new int[] {-1, 0, 987_654, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      payloads.put(
          "avro of schema " + unknown,
          new Hostile(framed(0, unknown, good), "AVRO_UNKNOWN_SCHEMA"));
    }
    int[] twoGigabytes = {0xfe, 0xff, 0xff, 0xff, 0x0f};
    int[] negative = {0x01};
    int[] endless = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    payloads.put(
        "avro text of 2 GB",
        new Hostile(framed(0, id, new byte[0], twoGigabytes), "AVRO_MALFORMED"));
    payloads.put(
        "avro text of less than nothing",
        new Hostile(framed(0, id, new byte[0], negative), "AVRO_MALFORMED"));
    payloads.put(
        "avro with an endless number",
        new Hostile(framed(0, id, new byte[0], endless), "AVRO_MALFORMED"));
    payloads.put(
        "avro list of 2 G items",
        new Hostile(framed(0, id, new byte[] {2, 'a'}, twoGigabytes), "AVRO_MALFORMED"));
    payloads.put(
        "avro text that is no UTF-8",
        new Hostile(framed(0, id, new byte[] {2, (byte) 0xff, 0, 0}), "AVRO_MALFORMED"));
    for (int length = 0; length < 5; length++) {
      payloads.put(
          "avro header of " + length + " bytes",
          new Hostile(
              Arrays.copyOf(framed(0, id, good), length),
              length == 0 ? "EMPTY_PAYLOAD" : "AVRO_MALFORMED"));
    }
    return payloads;
  }

  private static byte[] framed(int magic, int id, byte[] body, int... more) {
    ByteBuffer bytes =
        ByteBuffer.allocate(5 + body.length + more.length).put((byte) magic).putInt(id).put(body);
    for (int one : more) {
      bytes.put((byte) one);
    }
    return bytes.array();
  }

  /** Headers that a careful producer does not send, by the reason that follows. */
  static Map<String, List<Header>> oddHeaders() {
    Map<String, List<Header>> headers = new LinkedHashMap<>();
    headers.put("UNKNOWN_SOURCE nobody", List.of(header("source", "nobody")));
    headers.put(
        "UNKNOWN_SOURCE of 100000 characters", List.of(header("source", "s".repeat(100_000))));
    headers.put(
        "UNKNOWN_SOURCE no UTF-8",
        List.of(new RecordHeader("source", new byte[] {(byte) 0xff, (byte) 0xfe})));
    headers.put(
        "UNKNOWN_SOURCE Java's own serialisation",
        List.of(new RecordHeader("source", new byte[] {(byte) 0xac, (byte) 0xed, 0, 5, 's', 'r'})));
    headers.put("UNKNOWN_CONTENT_TYPE image", List.of(header("content-type", "image/png")));
    headers.put("UNKNOWN_CONTENT_TYPE jndi", List.of(header("content-type", "${jndi:ldap://x}")));
    headers.put(
        "JSON_MALFORMED ten thousand others",
        Stream.iterate(0, i -> i + 1)
            .limit(10_000)
            .<Header>map(i -> header("h" + i, "v"))
            .toList());
    headers.put("JSON_MALFORMED a null", List.of(new RecordHeader("trace", (byte[]) null)));
    return headers;
  }

  static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(UTF_8));
  }
}

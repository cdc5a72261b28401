package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {

  private static final SourceMapping DEFAULT = mapping("default");
  private static final SourceMapping CLICKSTREAM = mapping("clickstream");

  private final EventReader reader = new EventReader();

  private static SourceMapping mapping(String name) {
    try {
      return SourceMapping.compile(name, Files.readString(Path.of("sources", name + ".yaml")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Reading json(String payload) {
    return read(payload.getBytes(UTF_8), ContentType.JSON, DEFAULT);
  }

  private Reading csv(String line) {
    return read(line.getBytes(UTF_8), ContentType.CSV, CLICKSTREAM);
  }

  /** Every reading shows that the user alone is found just so. */
  private Reading read(byte[] payload, String contentType, SourceMapping mapping) {
    Reading reading = reader.read(payload, contentType, mapping);
    assertThat(reader.userId(payload, contentType, mapping, null))
        .isEqualTo(reading.content().text(EventField.USER_ID));
    return reading;
  }

  private static List<Reason> reasons(Reading reading) {
    return reading.violations().stream().map(Violation::rule).toList();
  }

  @Test
  void readsAJsonEventFieldByFieldAndKeepsTheRestAsTypedAttributes() {
    Reading reading =
        json(
            """
            {"user_id": " José ", "event_time": "2026-01-01T13:00:00.123456+01:00",
             "event_type": "purchase", "value": 35.91, "quantity": 2, "product_id": 77,
             "duration": "1.5", "country": null,
             "campaign": "spring", "clicks": 3, "ratio": 0.5, "vip": true, "tags": ["a", {"b": 1}],
             "none": null}
            """);

    assertThat(reading.violations()).isEmpty();
    assertThat(reading.content().text(EventField.USER_ID)).isEqualTo("José");
    assertThat(reading.content().time(EventField.EVENT_TIME))
        .isEqualTo(Instant.parse("2026-01-01T12:00:00.123456Z"));
    assertThat(reading.content().number(EventField.VALUE_MICROS)).isEqualTo(35_910_000L);
    assertThat(reading.content().number(EventField.QUANTITY)).isEqualTo(2L);
    assertThat(reading.content().text(EventField.PRODUCT_ID)).isEqualTo("77");
    assertThat(reading.content().number(EventField.DURATION_MICROS)).isEqualTo(1_500_000L);
    assertThat(reading.content().fields()).doesNotContainKey(EventField.COUNTRY);
    assertThat(reading.content().attributes())
        .containsEntry("campaign", "spring")
        .containsEntry("clicks", 3L)
        .containsEntry("ratio", 0.5)
        .containsEntry("vip", true)
        .containsEntry("tags", "[\"a\",{\"b\":1}]")
        .hasSize(5);
  }

  @Test
  void readsACsvLineByItsColumns() {
    Reading reading =
        csv(
            "15174,\"2020-07-30T23:17:36\",\"add_to_cart\",\"Canned Foods\",\"Food\",6.99,35.91,9,3,0");

    assertThat(reading.violations()).isEmpty();
    assertThat(reading.content().text(EventField.USER_ID)).isEqualTo("15174");
    assertThat(reading.content().time(EventField.EVENT_TIME))
        .isEqualTo(Instant.parse("2020-07-30T23:17:36Z"));
    assertThat(reading.content().text(EventField.PRODUCT_ID)).isEqualTo("Canned Foods");
    assertThat(reading.content().number(EventField.VALUE_MICROS)).isEqualTo(6_990_000L);
    assertThat(reading.content().attributes())
        .containsEntry("total_price_of_basket_micros", 35_910_000L)
        .containsEntry("items_in_basket", 9L)
        .containsEntry("distinct_items_in_basket", 3L)
        .hasSize(3);
  }

  @Test
  void anEmptyCsvCellIsAnAbsentValue() {
    Reading reading = csv("1,2020-07-30T23:17:36,login,\"\",,0,0,0,0,0");

    assertThat(reading.content().fields())
        .doesNotContainKeys(EventField.PRODUCT_ID, EventField.PRODUCT_CATEGORY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "1",
        "{\"user_id\": \"a\"} {}",
        "{\"a\": NaN}",
        "{\"a\": 1, \"a\": 2}",
        "{\"value\": 1e2147483648}",
        "{\"value\": 1e-99999999999}",
        "nonsense"
      })
  void whatIsNoJsonObjectIsMalformed(String payload) {
    assertThat(reasons(json(payload))).containsExactly(Reason.JSON_MALFORMED);
  }

  @Test
  void depthAndNumberLengthAreBounded() {
    assertThat(reasons(json("{\"a\":" + "[".repeat(100_000))))
        .containsExactly(Reason.JSON_MALFORMED);
    assertThat(reasons(json("{\"a\":" + "9".repeat(900_000) + "}")))
        .containsExactly(Reason.JSON_MALFORMED);
  }

  @Test
  void bytesThatAreNoUtf8AreMalformed() {
    byte[] latin = "{\"user_id\": \"é\"}".getBytes(ISO_8859_1);
    assertThat(reasons(read(latin, ContentType.JSON, DEFAULT)))
        .containsExactly(Reason.JSON_MALFORMED);
    assertThat(reasons(read("é,,,,,,,,,".getBytes(ISO_8859_1), ContentType.CSV, CLICKSTREAM)))
        .containsExactly(Reason.CSV_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"string\"",
        "{\"type\": \"string\", \"avro.java.string\": \"String\"}",
        "[\"null\", \"string\"]",
        "{\"type\": \"array\", \"items\": \"string\"}",
        "{\"type\": \"map\", \"values\": \"null\"}",
        "{\"type\": \"map\", \"values\": \"null\", \"avro.java.string\": \"String\"}"
      })
  void anAvroTextThatIsNoUtf8IsMalformedAndNotTakenForAnother(String type) throws IOException {
    Schema schema =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "R", "fields": [{"name": "note", "type": %s}]}
                """
                    .formatted(type));
    // How the type begins, the text's length in zigzag, its bytes, and how the type ends.
    boolean collection = type.contains("items") || type.contains("values");
    byte[] begin = collection || type.startsWith("[") ? new byte[] {2} : new byte[0];
    byte[] end = collection ? new byte[] {0} : new byte[0];

    Reading good = avro(schema, begin, new byte[] {4, (byte) 0xc3, (byte) 0xa9}, end);
    Reading bad = avro(schema, begin, new byte[] {4, (byte) 0xc3, 'x'}, end);

    assertThat(good.violations()).isEmpty();
    assertThat(good.content().attributes().get("note").toString()).contains("é");
    assertThat(reasons(bad)).containsExactly(Reason.AVRO_MALFORMED);
  }

  private Reading avro(Schema schema, byte[]... parts) {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    payload.writeBytes(new byte[Framed.HEADER_BYTES]);
    for (byte[] part : parts) {
      payload.writeBytes(part);
    }
    return reader.read(payload.toByteArray(), ContentType.AVRO, DEFAULT, schema);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1,2", "1,2,3,4,5,6,7,8,9,10,11", "a,b,c,d,e,f,g,h,i,j\na,b,c,d,e,f,g,h,i,j"})
  void aCsvPayloadIsOneLineOfTheDeclaredColumns(String payload) {
    assertThat(reasons(csv(payload))).containsExactly(Reason.CSV_MALFORMED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "user_id    | {}                       | WRONG_TYPE",
        "user_id    | 1.5                      | WRONG_TYPE",
        "user_id    | true                     | WRONG_TYPE",
        "user_id    | \"\\ud800\"              | WRONG_TYPE",
        "event_time | \"yesterday\"            | WRONG_TYPE",
        "event_time | 1767268800               | WRONG_TYPE",
        "event_time | \"+999999999-01-01T00:00:00Z\" | WRONG_TYPE",
        "value      | \"dear\"                 | WRONG_TYPE",
        "value      | []                       | WRONG_TYPE",
        "value      | 1e30                     | OUT_OF_RANGE",
        "quantity   | 1.5                      | WRONG_TYPE",
        "quantity   | 9223372036854775808      | OUT_OF_RANGE",
        "quantity   | 1e999999999              | OUT_OF_RANGE"
      })
  void aFieldThatIsNotWhatItShouldBeIsNamedAndTheOthersAreRead(
      String field, String value, Reason reason) {
    Reading reading = json("{\"session_id\": \"s\", \"%s\": %s}".formatted(field, value));

    assertThat(reasons(reading)).containsExactly(reason);
    assertThat(reading.violations().get(0).field()).startsWith(field);
    assertThat(reading.content().text(EventField.SESSION_ID)).isEqualTo("s");
  }

  @Test
  void halfACharacterInAnAttributeIsNamed() {
    Reading reading = json("{\"note\": \"\\udc00\"}");

    assertThat(reading.violations())
        .containsExactly(new Violation(Reason.WRONG_TYPE, "note", "holds half a character"));
  }

  @ParameterizedTest
  @CsvSource({
    "epoch_seconds, 1767268800.5, 2026-01-01T12:00:00.5Z",
    "epoch_millis, 1767268800123, 2026-01-01T12:00:00.123Z",
    "epoch_micros, 1767268800123456, 2026-01-01T12:00:00.123456Z",
    "iso_8601, '\"2026-01-01 13:00:00\"', 2026-01-01T12:00:00Z",
    "iso_8601, '\"2026-01-01T12:00:00.1234567Z\"', 2026-01-01T12:00:00.123456Z",
    "pattern:dd/MMM/yyyy:HH:mm:ss Z, '\"01/Jan/2026:12:00:00 -0130\"', 2026-01-01T13:30:00Z",
    "pattern:dd.MM.yyyy HH:mm, '\" 01.07.2026 14:00 \"', 2026-07-01T12:00:00Z",
    "pattern:uuuuMMddHHmmssSSS, '\"20260101130000123\"', 2026-01-01T12:00:00.123Z",
    "pattern:M/d/yy h:mm a, '\"1/1/26 1:00 PM\"', 2026-01-01T12:00:00Z",
    "pattern:yyyy-MM-dd HH:mm VV, '\"2026-01-01 07:00 America/New_York\"', 2026-01-01T12:00:00Z"
  })
  void timesAreReadAsTheMappingSays(String format, String value, Instant expected) {
    SourceMapping mapping =
        SourceMapping.compile(
            "t",
            """
            source: t
            version: 1
            format: json
            fields:
              user_id: {from: /u}
              event_time: {from: /at, time: "%s", zone: Europe/Berlin}
              event_type: {constant: tick}
            attributes:
              on: {from: /on, type: boolean}
            """
                .formatted(format));

    Reading reading =
        read(
            "{\"at\": %s, \"on\": \"true\"}".formatted(value).getBytes(UTF_8),
            ContentType.JSON,
            mapping);

    assertThat(reading.violations()).isEmpty();
    assertThat(reading.content().time(EventField.EVENT_TIME)).isEqualTo(expected);
    assertThat(reading.content().text(EventField.EVENT_TYPE)).isEqualTo("tick");
    assertThat(reading.content().attributes()).containsEntry("on", true);
  }

  @ParameterizedTest
  @CsvSource({
    "epoch_millis, 1e-2147483647",
    "epoch_millis, 1e2147483647",
    "epoch_seconds, 1e30",
    "epoch_micros, 9223372036854775808"
  })
  void aTimeThatNoCalendarHasIsOutOfRange(String format, String value) {
    SourceMapping mapping =
        SourceMapping.compile(
            "t",
            """
            source: t
            version: 1
            format: json
            fields: {user_id: {from: /u}, event_type: {constant: tick}, event_time: {from: /at, time: %s}}
            """
                .formatted(format));

    byte[] payload = "{\"at\": %s}".formatted(value).getBytes(UTF_8);

    assertThat(reasons(read(payload, ContentType.JSON, mapping)))
        .containsExactly(Reason.OUT_OF_RANGE);
  }

  @ParameterizedTest
  @CsvSource({
    "iso_8601, 1767268800000",
    "iso_8601, '\"1767268800000\"'",
    "epoch_millis, '\"2026-01-01T12:00:00Z\"'",
    "pattern:dd/MM/yyyy HH:mm, '\"31/02/2026 12:00\"'",
    "pattern:dd/MM/yyyy HH:mm, '\"1/1/2026 12:00\"'",
    "pattern:dd/MM/yyyy HH:mm, '\"01/01/2026 24:00\"'",
    "pattern:dd/MM/yyyy HH:mm, '\"2026-01-01T12:00:00Z\"'",
    "pattern:uuuuMMddHHmmss, 20260101120000"
  })
  void aTimeInAnotherFormatThanTheDeclaredOneHasTheWrongType(String format, String value) {
    SourceMapping mapping = events("event_time: {from: /at, time: \"%s\"}".formatted(format), "");

    Reading reading =
        read("{\"at\": %s}".formatted(value).getBytes(UTF_8), ContentType.JSON, mapping);

    assertThat(reasons(reading)).containsExactly(Reason.WRONG_TYPE);
    assertThat(reading.violations().get(0).field()).isEqualTo("event_time");
  }

  @ParameterizedTest
  @CsvSource({
    "duration_micros, seconds, 1.5, 1500000",
    "duration_micros, milliseconds, 1500, 1500000",
    "duration_micros, milliseconds, '\"0.0015\"', 2",
    "duration_micros, microseconds, 9223372036854775807, 9223372036854775807",
    "duration_micros, minutes, 0.1, 6000000",
    "value_micros, units, 0.1, 100000",
    "value_micros, cents, 1999, 19990000",
    "value_micros, cents, 0.00005, 0",
    "value_micros, cents, 0.00015, 2"
  })
  void aNumberInAUnitBecomesMicrosExactly(String field, String unit, String value, long expected) {
    SourceMapping mapping = events(TIME, "%s: {from: /n, unit: %s}".formatted(field, unit));

    Reading reading =
        read("{\"n\": %s}".formatted(value).getBytes(UTF_8), ContentType.JSON, mapping);

    assertThat(reading.violations()).isEmpty();
    assertThat(reading.content().number(EventField.named(field).orElseThrow())).isEqualTo(expected);
  }

  @Test
  void aNumberThatItsUnitMakesTooLargeIsOutOfRange() {
    SourceMapping mapping = events(TIME, "duration_micros: {from: /n, unit: minutes}");

    assertThat(reasons(read("{\"n\": 153722867281}".getBytes(UTF_8), ContentType.JSON, mapping)))
        .containsExactly(Reason.OUT_OF_RANGE);
  }

  private static final String TIME = "event_time: {from: /at}";

  /** A mapping of JSON that reads the user from /user/id and the rest as given. */
  private static SourceMapping events(String time, String more) {
    return SourceMapping.compile(
        "t",
        """
        source: t
        version: 1
        fields:
          user_id: {from: /user/id}
          event_type: {constant: tick}
          %s
          %s
        """
            .formatted(time, more));
  }

  private Reading nested(String payload) {
    SourceMapping mapping =
        SourceMapping.compile(
            "t",
            """
            source: t
            version: 1
            fields:
              user_id: {from: /user/id}
              event_time: {from: /user/seen/at}
              event_type: {from: /items/0/kind}
            attributes:
              plan: {from: /abo}
              user.age: {from: /age, type: integer}
            """);
    return read(payload.getBytes(UTF_8), ContentType.JSON, mapping);
  }

  @Test
  void whatIsNotReadOfAMemberThatIsReadInPartBecomesAttributesNamedByTheirPath() {
    Reading reading =
        nested(
            """
            {"user": {"id": "ann", "plan": "gold", "seen": {"at": "2026-01-01T12:00:00Z", "by": 3},
                      "tags": {"a": [1]}, "gone": null},
             "items": [{"kind": "view", "sku": 7}, {"kind": "buy"}, "x"],
             "user.size": 2}
            """);

    assertThat(reading.violations()).isEmpty();
    assertThat(reading.content().text(EventField.USER_ID)).isEqualTo("ann");
    assertThat(reading.content().text(EventField.EVENT_TYPE)).isEqualTo("view");
    assertThat(reading.content().attributes())
        .containsEntry("user.plan", "gold")
        .containsEntry("user.seen.by", 3L)
        .containsEntry("user.tags", "{\"a\":[1]}")
        .containsEntry("items.0.sku", 7L)
        .containsEntry("items.1", "{\"kind\":\"buy\"}")
        .containsEntry("items.2", "x")
        .containsEntry("user.size", 2L)
        .hasSize(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'user': 'ann'}             | user  | ann",
        "{'user': {}}                | user  | {}",
        "{'user': []}                | user  | []",
        "{'items': []}               | items | []",
        "{'items': [[]]}             | items.0 | []",
        "{'user': {'seen': 'today'}} | user.seen | today"
      })
  void aMemberThatHasNoInsideToReadIsKeptAsItIs(String payload, String name, String value) {
    assertThat(nested(payload.replace('\'', '"')).content().attributes())
        .containsExactly(Map.entry(name, value));
  }

  @Test
  void anAttributeWithTwoValuesIsRefusedWhicheverComesFirst() {
    String path = "\"user\": {\"id\": \"ann\", \"size\": 1}";
    String literal = "\"user.size\": 2";
    Violation second =
        new Violation(
            Reason.WRONG_TYPE, "user.size", "has a second value, by its own name or by a path");

    assertThat(nested("{%s, %s}".formatted(path, literal)).violations()).containsExactly(second);
    assertThat(nested("{%s, %s}".formatted(literal, path)).violations()).containsExactly(second);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"abo\": \"a\", \"plan\": \"b\"}",
        "{\"plan\": \"b\"}",
        "{\"age\": 5, \"user\": {\"age\": 6}}",
        "{\"user\": {\"age\": 6}}",
        "{\"user.age\": 6}"
      })
  void aDeclaredAttributeTakesNoValueButItsOwn(String payload) {
    assertThat(nested(payload).violations())
        .extracting(Violation::message)
        .containsExactly("has a second value, by its own name or by a path");
  }

  /** Changes one value at a time: one that went unnoticed would pass as a retry. */
  @Test
  void everyChangeOfAPayloadIsAChangeOfItsContentOrAViolation() throws IOException {
    ObjectMapper json = new ObjectMapper();
    int compared = 0;
    for (long seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      ObjectNode one = object(random, 3);
      ObjectNode other = one.deepCopy();
      List<JsonNode> objects = new ArrayList<>(other.findParents("x"));
      objects.add(other);
      ((ObjectNode) objects.get(random.nextInt(objects.size())))
          .set(NAMES.get(random.nextInt(NAMES.size())), leaf(random));

      Reading before = nested(json.writeValueAsString(one));
      Reading after = nested(json.writeValueAsString(other));

      if (before.violations().isEmpty() && after.violations().isEmpty()) {
        compared++;
        assertThat(after.content().digest())
            .as("seed %d: %s and %s", seed, one, other)
            .isNotEqualTo(before.content().digest());
      }
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static final List<String> NAMES =
      List.of("user", "id", "seen", "items", "abo", "x", "age", "y");

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (String name : NAMES) {
      if (random.nextBoolean()) {
        object.set(
            name, depth > 0 && random.nextInt(3) > 0 ? object(random, depth - 1) : leaf(random));
      }
    }
    return object;
  }

  /** Texts that no type takes for another spelling of itself. */
  private static JsonNode leaf(Random random) {
    return JsonNodeFactory.instance.textNode("t" + random.nextInt(1_000_000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"9223372036854775809", "0.1000000000000000055511151231257827", "1e400", "1e-400"})
  void aNumberThatNoDoubleHoldsKeepsItsDigits(String number) {
    Reading reading = json("{\"n\": %s}".formatted(number));

    assertThat(reading.violations()).isEmpty();
    assertThat(reading.content().attributes().get("n"))
        .isInstanceOfSatisfying(
            String.class, text -> assertThat(new BigDecimal(text)).isEqualByComparingTo(number));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.1", "-1.5e300", "2e23", "0.30000000000000004", "100000000000000000000"})
  void aNumberThatADoubleHoldsIsOne(String number) {
    assertThat(json("{\"n\": %s}".formatted(number)).content().attributes())
        .containsExactly(Map.entry("n", Double.parseDouble(number)));
  }

  @ParameterizedTest
  @CsvSource({
    "'\\u0000', WRONG_TYPE, names an attribute by a control character",
    "'a\\nb', WRONG_TYPE, names an attribute by a control character",
    "'\\u0085', WRONG_TYPE, names an attribute by a control character"
  })
  void anAttributeNameThatCannotBeKeptIsAViolation(String name, Reason reason, String message) {
    Violation expected = new Violation(reason, null, message);

    assertThat(json("{\"%s\": 1}".formatted(name)).violations()).containsExactly(expected);
    assertThat(nested("{\"user\": {\"%s\": 1}}".formatted(name)).violations())
        .containsExactly(expected);
  }

  @Test
  void aNameOfHalfACharacterIsAViolation() {
    assertThat(json("{\"\\ud800\": 1}").violations())
        .containsExactly(
            new Violation(Reason.WRONG_TYPE, null, "names an attribute by half a character"));
  }

  @Test
  void whatWasReadBeforeDecidesNothing() {
    // "Ab" and "BA" have one hash: 2⁸ names of eight pairs collide.
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < 256; i++) {
      StringBuilder name = new StringBuilder("name");
      for (int bit = 0; bit < 8; bit++) {
        name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      members.append(", \"").append(name).append("\": 1");
    }
    String half = members.substring(0, members.indexOf(", ", members.length() / 2));
    String some = "{\"user_id\": \"ann\"%s}".formatted(half);
    String all = "{\"user_id\": \"ann\"%s}".formatted(members);

    List<Violation> first = json(all).violations();

    for (int i = 0; i < 50; i++) {
      assertThat(json(some).violations()).isEmpty();
      assertThat(json(all).violations()).isEqualTo(first);
    }
    assertThat(first).isEmpty();
  }

  @Test
  void onlyUtf8IsRead() {
    byte[] utf16 = "{\"user_id\": \"ann\"}".getBytes(UTF_16BE);

    assertThat(reasons(read(utf16, ContentType.JSON, DEFAULT)))
        .containsExactly(Reason.JSON_MALFORMED);
  }

  @Test
  void anAttributeNameHasAtMost127CharactersItsPathIncluded() {
    String longest = "é".repeat(122);

    assertThat(json("{\"%s\": 1}".formatted("x".repeat(127))).violations()).isEmpty();
    assertThat(reasons(json("{\"%s\": 1}".formatted("x".repeat(128)))))
        .containsExactly(Reason.TOO_LONG);
    assertThat(nested("{\"user\": {\"%s\": 1}}".formatted(longest)).violations()).isEmpty();
    assertThat(reasons(nested("{\"user\": {\"%s\": 1}}".formatted(longest + "x"))))
        .containsExactly(Reason.TOO_LONG);
    assertThat(reasons(json("{\"%s\": null}".formatted("x".repeat(128))))).isEmpty();
  }

  @Test
  void attributesAndViolationsAreBoundedInNumber() {
    String many =
        IntStream.range(0, EventReader.MAX_ATTRIBUTES + 50)
            .mapToObj("\"a%d\": 1"::formatted)
            .collect(Collectors.joining(",", "{", "}"));
    Reading tooMany = json(many);
    Reading allWrong = json(many.replace(": 1", ": \"\\ud800\""));

    assertThat(tooMany.content().attributes()).hasSize(EventReader.MAX_ATTRIBUTES);
    assertThat(tooMany.violations())
        .containsExactly(new Violation(Reason.TOO_LONG, null, "has more than 4096 attributes"));
    assertThat(allWrong.violations()).hasSize(EventReader.MAX_VIOLATIONS);
  }

  @Test
  void aPayloadWithoutBytesMappingOrKnownTypeSaysSo() {
    byte[] object = "{}".getBytes(UTF_8);
    assertThat(reasons(read(new byte[0], ContentType.JSON, DEFAULT)))
        .containsExactly(Reason.EMPTY_PAYLOAD);
    assertThat(reasons(reader.read(object, ContentType.JSON, null)))
        .containsExactly(Reason.UNKNOWN_SOURCE);
    assertThat(reasons(reader.read(object, "image/png", DEFAULT)))
        .containsExactly(Reason.UNKNOWN_CONTENT_TYPE);
    assertThat(reasons(reader.read(object, ContentType.CSV, DEFAULT)))
        .containsExactly(Reason.UNKNOWN_CONTENT_TYPE);
    assertThat(reasons(reader.read(object, ContentType.JSON, CLICKSTREAM)))
        .containsExactly(Reason.UNKNOWN_CONTENT_TYPE);
    assertThat(
            reasons(reader.read(new byte[Topics.MAX_PAYLOAD_BYTES + 1], ContentType.JSON, DEFAULT)))
        .containsExactly(Reason.PAYLOAD_TOO_LARGE);
  }

  @Test
  void aPayloadTellsItsTypeByItsFirstByte() {
    assertThat(ContentType.guess(" {}".getBytes(UTF_8))).isEqualTo(ContentType.JSON);
    assertThat(ContentType.guess(new byte[] {0, 0, 0, 0, 1})).isEqualTo(ContentType.AVRO);
    assertThat(ContentType.guess("1,2".getBytes(UTF_8))).isEqualTo(ContentType.CSV);
    assertThat(ContentType.guess(new byte[0])).isEqualTo(ContentType.UNKNOWN);
    assertThat(ContentType.withoutParameters("Application/JSON; charset=utf-8"))
        .isEqualTo(ContentType.JSON);
  }
}

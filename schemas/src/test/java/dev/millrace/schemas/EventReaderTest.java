package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
    return reader.read(payload.getBytes(UTF_8), ContentType.JSON, DEFAULT);
  }

  private Reading csv(String line) {
    return reader.read(line.getBytes(UTF_8), ContentType.CSV, CLICKSTREAM);
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
    assertThat(reasons(reader.read(latin, ContentType.JSON, DEFAULT)))
        .containsExactly(Reason.JSON_MALFORMED);
    assertThat(
            reasons(reader.read("é,,,,,,,,,".getBytes(ISO_8859_1), ContentType.CSV, CLICKSTREAM)))
        .containsExactly(Reason.CSV_MALFORMED);
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
    "iso_8601, '\"2026-01-01T12:00:00.1234567Z\"', 2026-01-01T12:00:00.123456Z"
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
              event_time: {from: /at, time: %s, zone: Europe/Berlin}
              event_type: {constant: tick}
            attributes:
              on: {from: /on, type: boolean}
            """
                .formatted(format));

    Reading reading =
        reader.read(
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
            fields: {user_id: {from: /u}, event_time: {from: /at, time: %s}}
            """
                .formatted(format));

    byte[] payload = "{\"at\": %s}".formatted(value).getBytes(UTF_8);

    assertThat(reasons(reader.read(payload, ContentType.JSON, mapping)))
        .containsExactly(Reason.OUT_OF_RANGE);
  }

  @Test
  void aPayloadWithoutBytesMappingOrKnownTypeSaysSo() {
    byte[] object = "{}".getBytes(UTF_8);
    assertThat(reasons(reader.read(new byte[0], ContentType.JSON, DEFAULT)))
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

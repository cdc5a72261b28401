package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an engineer reads who has made one of the usual mistakes: to the letter. */
class FeatureSetRefusalsTest {

  private static final String FIELDS =
      "user_id, event_id, event_time, event_type, event_category, session_id, device_id, ip, country,"
          + " region, city, email, phone, product_id, product_category, quantity, value_micros,"
          + " currency, duration_micros, rating, buys";

  private static final String HEAD =
      """
      feature_set: test
      version: 1
      entity: user_id
      source: events.clean
      attributes: {rating: {type: double}}
      let: {buys: "event_type == 'purchase'"}
      features:
      """;

  private static void assertRefused(String features, String... problems) {
    String yaml = HEAD + features;

    assertThatThrownBy(() -> FeatureSetDeclaration.compile("sets/test.yaml", yaml))
        .isInstanceOf(DeclarationException.class)
        .hasMessage(String.join("\n", problems));
  }

  @Test
  void anUnknownFieldIsRefusedWithThoseThatThereAre() {
    assertRefused(
        """
          - {name: good, op: count}
          - name: spend
            op: sum
            of: price
        """,
        "sets/test.yaml:11: 'price' is no field, declared attribute or let; known are " + FIELDS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "op: sum, of: country                    | 'country' is no number; use a field of type integer or micros",
        "op: sum, of: buys                       | 'buys' is no number; use a field of type integer or micros",
        "op: mean, of: rating                    | 'rating' is a double, and sums of doubles depend on their order; declare it as micros or integer",
        "op: count, where: quantity              | the expression gives int and must give true or false",
        "op: ratio, of: quantity + 1             | the expression gives int and must give true or false",
        "op: last_k, of: country, k: many        | 'k' must be a number, not 'many'",
        "op: count, windows: 24h                 | 'windows' must be a list",
        "op: count, windows: [a day]             | 'a day' is no time span; write one like 30s, 5m, 24h or 7d",
        "op: sequence, steps: [rating], within: 1m | 'rating' is not true or false; write an event type, or a let that is",
      })
  void aWrongTypeIsRefusedWithTheRightOne(String feature, String message) {
    assertRefused("  - {name: f, %s}".formatted(feature), "sets/test.yaml:8: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "11s   | No tile size fits the window 11s; use whole seconds, at least 12 s",
        "3601s | The window 3601s would take 3601 tiles of 1s, and 64 are the most; use a multiple of 5m",
        "71h   | The window 71h would take 71 tiles of 1h, and 64 are the most; use 64h or 3d",
        "65d   | The window 65d would take 65 tiles of 24h, and 64 are the most; use 64d at most, or leave 'windows' out for the user's whole past",
      })
  void aWindowWithoutAMultipleHopIsRefusedWithOneThatHas(String window, String message) {
    assertRefused(
        "  - {name: f, op: count, windows: [1h, %s]}".formatted(window),
        "sets/test.yaml:8: " + message);
  }

  @Test
  void aDuplicateNameIsRefusedWhereItStandsTheSecondTime() {
    assertRefused(
        """
          - {name: events, op: count, windows: [10m, 1h]}
          - {name: spend, op: sum, of: value_micros}
          - {name: events, op: count, where: buys, windows: [1h]}
        """,
        "sets/test.yaml:10: there are two columns 'events_1h'; name one another way");
  }

  /** Version 2 of "shop" and a set "shop-v2" would be landed in one table. */
  @Test
  void aNameThatEndsLikeAVersionIsRefused() {
    assertThat(Topics.table(Topics.features("shop", 2).name()))
        .isEqualTo(Topics.table("features.shop-v2"));
    assertThatThrownBy(
            () ->
                FeatureSetDeclaration.compile(
                    "sets/test.yaml",
                    "feature_set: shop-v2\nversion: 1\nentity: user_id\nsource: events.clean\nfeatures: [{name: events, op: count}]\n"))
        .isInstanceOf(DeclarationException.class)
        .hasMessage(
            "sets/test.yaml:1: 'shop-v2' ends like a version, and its table would be that of another set's version; name it another way");
  }

  @Test
  void aSetAboveTheStateLimitIsRefusedWithWhatTakesMost() {
    String yaml =
        HEAD
            + """
              - {name: events, op: count, windows: [60d]}
              - {name: cities, op: distinct, of: city, max: 512, windows: [60d]}
              - {name: ips, op: distinct, of: ip, max: 1024, windows: [60d]}
            """;

    assertThatThrownBy(() -> FeatureSetDeclaration.compile("sets/test.yaml", yaml))
        .isInstanceOf(DeclarationException.class)
        .hasMessageMatching(
            "sets/test\\.yaml:10: a user's state could take 1[45]\\d{5} bytes, and 1048576 at most are"
                + " allowed; take a smaller 'max' or 'k' or fewer windows of what takes most"
                + " \\(ips (9|10)\\d{5}, cities [45]\\d{5}, events \\d{3,4}\\), or make two sets of it");
  }

  @Test
  void tooManyColumnsAndConditionsAreRefused() {
    String many =
        IntStream.range(0, 65)
            .mapToObj("  - {name: f%1$d, op: count, where: quantity == %1$d}\n"::formatted)
            .collect(Collectors.joining());
    assertRefused(
        many,
        "sets/test.yaml:8: test has 65 different conditions and may have 64; leave some out, or make two sets of it");

    String wide =
        IntStream.range(0, 251)
            .mapToObj("  - {name: f%1$d, op: count, windows: [1h, 24h]}\n"::formatted)
            .collect(Collectors.joining());
    assertRefused(
        wide,
        "sets/test.yaml:8: there are 502 columns, and at most 500 make a vector; leave some out, or make two sets of it");
  }
}

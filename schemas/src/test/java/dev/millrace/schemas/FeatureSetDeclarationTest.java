package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.features.Column;
import dev.millrace.core.features.Feature;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.Input;
import dev.millrace.core.features.Op;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureSetDeclarationTest {

  private static final String HEAD =
      """
      feature_set: test
      version: 1
      entity: user_id
      source: events.clean
      attributes: {clicks: {type: integer}, rating: {type: double}}
      let: {buys: "event_type == 'purchase'", cents: "value_micros / 10000"}
      """;

  private static FeatureSet compile(String rest) {
    return FeatureSetDeclaration.compile("test.yaml", HEAD + rest).set();
  }

  private static Feature only(String feature) {
    return compile("features: [{name: f, %s}]".formatted(feature)).features().get(0);
  }

  @Test
  void theShippedSetIsTheFileAndKeepsItsColumns() throws IOException {
    FeatureSet set = FeatureSets.userActivity();

    assertThat(
            FeatureSetDeclaration.compile(
                    "f", Files.readString(Path.of("feature-sets/user-activity.yaml")))
                .set())
        .isEqualTo(set);
    assertThat(set.columnNames())
        .containsSubsequence(
            "events_10m",
            "events_1h",
            "events_24h",
            "events_7d",
            "events_30d",
            "value_sum_10m",
            "value_sum_1h",
            "value_sum_24h",
            "spend_1h",
            "spend_24h",
            "spend_30d",
            "products_24h",
            "products_7d",
            "countries_24h",
            "duration_p95_24h",
            "purchase_share_24h",
            "last_types",
            "since_last_event",
            "since_login",
            "session_events",
            "session_duration",
            "failed_logins_then_purchase",
            "burst");
    assertThat(new FeatureFold(set).greatestBytes())
        .isLessThan(FeatureSetDeclaration.GREATEST_STATE);
  }

  @Test
  void theCanonicalFormIsTheSameSetAndSpellingsDoNotMatter() {
    FeatureSetDeclaration one =
        FeatureSetDeclaration.compile(
            "one",
            HEAD + "features:\n  - {name: f, op: distinct, of: country, max: 4_0, windows: [24h]}");
    FeatureSetDeclaration other =
        FeatureSetDeclaration.compile(
            "other",
            HEAD
                + """
                doc: for people
                features:
                  - op: "distinct"
                    name: f
                    of: country
                    windows:
                      - 24h
                    max: 40
                """);

    assertThat(other.canonical()).isEqualTo(one.canonical());
    assertThat(FeatureSetDeclaration.of(one.canonical()).set().sha256())
        .isEqualTo(one.set().sha256())
        .isNotEqualTo(FeatureSets.userActivity().sha256());
  }

  @Test
  void eachOperationIsWhatItsDeclarationSays() {
    assertThat(only("op: count, windows: [10m, 7d]").windows())
        .containsExactly(Duration.ofMinutes(10), Duration.ofDays(7));
    assertThat(only("op: count, where: buys").where()).isNotNull();
    assertThat(only("op: sum, of: value_micros").op())
        .isEqualTo(new Op.Sum(new Input("value_micros", Input.Type.MICROS)));
    assertThat(only("op: mean, of: cents").op())
        .isEqualTo(new Op.Mean(new Input("cents", Input.Type.INTEGER)));
    assertThat(only("op: variance, of: clicks").op())
        .isEqualTo(new Op.Variance(new Input("clicks", Input.Type.INTEGER)));
    assertThat(only("op: last, of: rating").op())
        .isEqualTo(new Op.Last(new Input("rating", Input.Type.DOUBLE)));
    assertThat(only("op: distinct_approx, of: country").op().word()).isEqualTo("distinct_approx");
    assertThat(only("op: last_k, of: event_type, k: 5").op().word()).isEqualTo("last_k");
    assertThat(only("op: last_k, of: event_type, k: 5").op())
        .isEqualTo(new Op.LastK(new Input("event_type", Input.Type.STRING), 5));
    assertThat(only("op: distinct, of: buys, max: 2").op())
        .isEqualTo(new Op.Distinct(new Input("buys", Input.Type.BOOLEAN), 2));
    assertThat(only("op: quantile, of: quantity, q: 0.5").op())
        .isEqualTo(new Op.Quantile(new Input("quantity", Input.Type.INTEGER), 500_000));
    assertThat(((Op.Session) only("op: session, gap: 5m, emit: [duration]").op()).emit())
        .containsExactly(Op.Session.Emit.DURATION);
    Op.Sequence sequence =
        (Op.Sequence) only("op: sequence, steps: [login_failed x3, buys], within: 10m").op();
    assertThat(sequence.steps()).extracting(Op.Sequence.Step::times).containsExactly(3, 1);
    assertThat(sequence.within()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void derivedColumnsSeeNumbersAsDoublesAndTheDerivedOnesBeforeThem() {
    FeatureSet set =
        compile(
            """
            features: [{name: events, op: count, windows: [10m]}, {name: last, op: last, of: country}]
            derived:
              - {name: twice, expr: "events_10m * 2.0"}
              - {name: most, expr: "max(twice, 3.5)"}
              - {name: abroad, expr: "last != 'DE'"}
            """);

    assertThat(set.columns().subList(2, 5))
        .extracting(Column::type)
        .containsExactly(Column.Type.DOUBLE, Column.Type.DOUBLE, Column.Type.BOOLEAN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "op: count, of: country                  | 'of' is not known here; use one of [doc, name, op, where, windows]",
        "op: total                               | 'total' is no operation; use one of [count, distinct,",
        "op: sum, of: price                      | 'price' is no field, declared attribute or let; known are user_id,",
        "op: sum, of: country                    | 'country' is no number",
        "op: sum, of: rating                     | 'rating' is a double, and sums of doubles depend on their order; declare it as micros or integer",
        "op: last, of: event_time                | 'event_time' is a time, and no feature folds times; use op: since",
        "op: count, windows: [11s]               | No tile size fits the window 11s; use whole seconds, at least 12 s",
        "op: count, windows: [1w]                | '1w' is no time span; write one like 30s, 5m, 24h or 7d",
        "op: count, windows: [24h, 1d]           | the window 24h stands here twice",
        "op: count, windows: [401d]              | The window 401d would take 401 tiles of 24h, and 64 are the most; use 64d at most, or leave 'windows' out for the user's whole past",
        "op: count, windows: [3601s]             | The window 3601s would take 3601 tiles of 1s, and 64 are the most; use a multiple of 5m",
        "op: count, windows: []                  | list some windows such as [10m, 24h], or leave 'windows' out",
        "op: count, where: value_micros          | the expression gives int and must give true or false",
        "op: distinct, of: country               | 'max' is missing; add it",
        "op: distinct, of: country, max: 2000    | 'max' must be at most 1024",
        "op: quantile, of: quantity, q: 1        | 'q' must be between 0 and 1, with six decimals at most, such as 0.95",
        "op: since, windows: [1h]                | 'windows' is not known here",
        "op: session, gap: 5m                    | say what is told of a session: emit: [events, duration]",
        "op: session, emit: [events]             | 'gap' is missing; add it, such as gap: 30m",
        "op: session, gap: 5m, emit: [length]    | 'length' can't stand here; use events, duration",
        "op: sequence, steps: [a x99], within: 1m | a pattern has 1 to 8 steps, of together at most 32 events",
        "op: sequence, steps: [cents], within: 1m | 'cents' is not true or false",
        "op: sequence, steps: [a]                | 'within' is missing; add it, such as within: 10m",
      })
  void whatCannotBeIsToldWithItsLineAndWhatToDo(String feature, String message) {
    assertThatThrownBy(() -> compile("features:\n  - {name: f, %s}".formatted(feature)))
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining("test.yaml:8: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "features: [{name: f, op: count}, {name: f, op: since}]                   | there are two columns 'f'; name one another way",
        "features: [{name: F, op: count}]                                         | a feature is named by lower case letters, digits and underscores",
        "features: []                                                             | there is no feature; list some under 'features'",
        "features: [{name: f, op: count}], derived: [{name: g, expr: f + 1}]      | so write 144.0 and not 144",
        "features: [{name: f, op: count}], derived: [{name: g, expr: h + 1.0}]    | undeclared reference to 'h'",
        "features: [{name: f, op: count}], derived: [{name: f, expr: 1.0}]        | there are two columns 'f'",
        "features: [{name: f, op: distinct, of: ip, max: 1024, windows: [60d]}, {name: g, op: distinct, of: city, max: 1024, windows: [60d]}] | a user's state could take",
        "features: [{name: f, op: count}], entities: x                            | 'entities' is not known here",
      })
  void aSetAsAWholeIsHeldAgainstWhatItMayBe(String rest, String message) {
    String yaml =
        "{feature_set: test, version: 1, entity: user_id, source: events.clean, %s}"
            .formatted(rest);

    assertThatThrownBy(() -> FeatureSetDeclaration.compile("test.yaml", yaml))
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aSetOfAnotherEntityOrSourceIsRefused() {
    assertThatThrownBy(
            () ->
                FeatureSetDeclaration.compile(
                    "test.yaml",
                    """
                    feature_set: Test
                    version: 0
                    entity: device_id
                    source: events.raw
                    features: [{name: f, op: count}]
                    """))
        .hasMessageContaining("named by lower case letters, digits and dashes")
        .hasMessageContaining("must be a whole number from 1 on")
        .hasMessageContaining("'device_id' can't stand here; features are folded by user_id")
        .hasMessageContaining("'events.raw' can't stand here; features are folded by events.clean");
  }
}

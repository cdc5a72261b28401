package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureSetTestsTest {

  private static FeatureSetDeclaration shipped() throws IOException {
    return FeatureSetDeclaration.compile(
        "user-activity.yaml", Files.readString(Path.of("feature-sets/user-activity.yaml")));
  }

  @Test
  void theTestsBesideTheShippedSetHold() throws IOException {
    String tests = Files.readString(Path.of("feature-sets/user-activity_test.yaml"));

    assertThat(FeatureSetTests.run("user-activity_test.yaml", tests, shipped()))
        .isGreaterThanOrEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "expect: {events_10m: 2}              | t_test.yaml:6: events_10m is 1, and 2 was expected",
        "expect: {spend_24h: null}            | spend_24h is 0, and null was expected",
        "expect: {last_types: [login]}        | last_types is [\"login\",\"view\"], and [\"login\"] was expected",
        "expect: {event_10m: 2}               | 'event_10m' is no column of user-activity; use one of [",
        "expected: {events_10m: 2}            | 'expected' is not known here; use one of [at, expect, given, name]",
        "at: noon, expect: {events_10m: 2}    | 'noon' is no time; write one like 2026-01-05T12:00:00Z",
      })
  void aTestThatDoesNotHoldIsToldWithItsLineAndWhatCame(String expect, String message)
      throws IOException {
    String yaml =
        """
        feature_set: user-activity
        tests:
        - name: a test
          given: [{event_time: "2026-01-05T12:00:00Z", event_type: view}, {event_time: "2026-01-06T11:00:00Z", event_type: login}]
          %s
        """
            .formatted(
                expect.replace(", expect", "\n  expect").replace("expect: {e", "expect:\n    {e"));

    FeatureSetDeclaration shipped = shipped();
    assertThatThrownBy(() -> FeatureSetTests.run("t_test.yaml", yaml, shipped))
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{feature_set: other, tests: [{name: t, given: [{event_time: x}], expect: {events_1h: 1}}]} | these tests stand beside the feature set 'user-activity'",
        "{feature_set: user-activity, tests: []} | there is no test; list some under 'tests'",
        "{feature_set: user-activity, tests: [{name: t, given: []}]} | 't' needs events under 'given' and columns under 'expect'",
        "{feature_set: user-activity, tests: [{name: t, given: [{event_time: x}], expect: {events_1h: 1}}]} | 'x' is no time",
        "{feature_set: user-activity, tests: [{name: t, given: [{event_time: 2026-01-05T12:00:00Z, quantity: many}], expect: {events_1h: 1}}]} | quantity is integer; write it as clean events have it",
        "{feature_set: user-activity, tests: [{name: t, given: [{event_time: 2026-01-05T12:00:00Z}], expect: {}}]} | 't' needs events under 'given' and columns under 'expect'",
        "{feature_set: user-activity, tests: [{name: t, given: [{event_time: 2026-01-05T12:00:00Z, contry: DE}], expect: {events_1h: 1}}]} | 'contry' is no field of an event and no attribute of user-activity; use one of [user_id, ",
      })
  void aFileThatIsNoTestIsToldSo(String yaml, String message) throws IOException {
    FeatureSetDeclaration shipped = shipped();
    assertThatThrownBy(() -> FeatureSetTests.run("t_test.yaml", yaml, shipped))
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining(message);
  }
}

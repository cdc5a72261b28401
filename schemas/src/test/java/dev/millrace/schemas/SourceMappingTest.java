package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.millrace.core.EventField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceMappingTest {

  private static final String MINIMAL =
      """
      source: web
      version: 1
      format: json
      fields:
        user_id: {from: /user}
        event_time: {from: /at}
        event_type: {from: /type}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"default", "clickstream"})
  void theMappingsThatComeWithMillraceCompile(String name) throws IOException {
    Path file = Path.of("sources", name + ".yaml");
    SourceMapping mapping = SourceMapping.compile(file.toString(), Files.readString(file));

    assertThat(mapping.name()).isEqualTo(name);
    assertThat(mapping.fields()).containsKeys(EventField.USER_ID, EventField.EVENT_TIME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "clickstream"})
  void itsCanonicalFormIsTheSameMappingAndTheSameHash(String name) throws IOException {
    Path file = Path.of("sources", name + ".yaml");
    SourceMapping mapping = SourceMapping.compile(file.toString(), Files.readString(file));

    assertThat(SourceMapping.of(mapping.canonical())).isEqualTo(mapping);
  }

  @Test
  void layoutAndCommentsDoNotChangeTheHashAndMeaningDoes() {
    SourceMapping mapping = SourceMapping.compile("a.yaml", MINIMAL);

    assertThat(
            SourceMapping.compile(
                    "b.yaml", "# why\n" + MINIMAL.replace("{from: /user}", "\n    from: /user"))
                .sha256())
        .isEqualTo(mapping.sha256());
    assertThat(SourceMapping.compile("a.yaml", MINIMAL.replace("/user", "/name")).sha256())
        .isNotEqualTo(mapping.sha256());
  }

  @Test
  void tellsEveryProblemWithFileLineAndRemedy() {
    assertThatThrownBy(
            () ->
                SourceMapping.compile(
                    "shop.yaml",
                    """
                    source: Web Shop
                    version: 0
                    format: xml
                    fields:
                      user_id: {from: user}
                      price: {from: /price}
                      event_type: {from: /type, constant: view}
                      ip: {form: /ip}
                    attributes:
                      total: {from: /total, type: micros}
                      seen: {from: /seen, type: time, zone: Mars}
                      "no good": {from: /x}
                    extra: 1
                    """))
        .asInstanceOf(type(DeclarationException.class))
        .extracting(DeclarationException::getMessage)
        .asString()
        .contains("shop.yaml:1: a source is named by lower case letters, digits and dashes")
        .contains("shop.yaml:2: 'version' must be a whole number from 1 on, not '0'")
        .contains("shop.yaml:3: 'xml' can't stand here; use one of [csv, json]")
        .contains("shop.yaml:5: 'user' is no JSON pointer; write /user")
        .contains("shop.yaml:6: 'price' is no field of an event; map it under 'attributes'")
        .contains("shop.yaml:7: give either 'from' or 'constant'")
        .contains("shop.yaml:8: 'form' is not known here")
        .contains(
            "shop.yaml:5: 'fields' must map event_time, for no event is clean without; add 'event_time: {from: ...}', or a constant")
        .contains("shop.yaml:10: an attribute in micros says so: name it total_micros")
        .contains(
            "shop.yaml:11: 'time' can't stand here; use one of [string, integer, micros, boolean]")
        .contains("shop.yaml:11: 'zone' is not known here; use one of [constant, from, type]")
        .contains("shop.yaml:12: 'no good' can't name an attribute")
        .contains("shop.yaml:13: 'extra' is not known here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"user_id", "event_time", "event_type"})
  void aMappingThatWouldQuarantineEveryEventForAMissingFieldIsRefused(String needed) {
    assertProblem(
        () -> SourceMapping.compile("web.yaml", MINIMAL.replace(needed, "session_id")),
        "web.yaml:5: 'fields' must map " + needed);
    assertProblem(
        () -> SourceMapping.compile("web.yaml", "source: web\nversion: 1\n"),
        "web.yaml:1: 'fields' must map " + needed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "event_time: {constant: yesterday}       | constant 'yesterday' is not an ISO 8601 time",
        "quantity: {constant: 1.5}               | constant '1.5' is not a whole number",
        "value_micros: {constant: dear}          | constant 'dear' is not a number",
        "value_micros: {constant: 1e30}          | constant '1e30' does not fit into 64 bits",
        "quantity: {from: /q, unit: cents}       | 'unit' is not known here",
        "country: {from: /c, type: string}       | 'type' is not known here",
        "country: {from: /c, time: iso_8601}     | 'time' is not known here",
        "value_micros: {from: /v, unit: minutes} | use one of [units, cents]",
        "duration_micros: {from: /d, unit: days} | use one of [seconds, milliseconds, microseconds, minutes]",
        "event_time: {from: /t, zone: Mars}      | 'Mars' is no time zone; write one like Europe/Berlin",
        "event_time: {from: /t, time: unix}      | use one of [epoch_micros, epoch_millis, epoch_seconds, iso_8601], or a pattern",
        "event_time: {from: /t, time: 'pattern:nonsense'}      | 'nonsense' is no time pattern",
        "event_time: {from: /t, time: 'pattern:dd.MM.yyyy'}    | does not tell a day and an hour; write year, month, day and hour",
        "event_time: {from: /t, time: 'pattern:HH:mm:ss'}      | does not tell a day and an hour",
        "event_time: {from: /t, time: 'pattern:dd.MM.yyyy hh:mm'} | does not tell a day and an hour",
        "event_time: {from: /t, time: 'pattern:dd.MM.YYYY HH:mm'} | does not tell a day and an hour",
        "event_time: {from: /t, time: 'pattern:'}              | does not tell a day and an hour"
      })
  void aRuleThatCouldNeverReadAValueIsRefusedAtItsLine(String rule, String remedy) {
    String field = rule.substring(0, rule.indexOf(':'));
    String yaml =
        MINIMAL.lines().filter(line -> !line.contains(field)).collect(Collectors.joining("\n"))
            + "\n  "
            + rule;
    long line = yaml.lines().count();

    assertThatThrownBy(() -> SourceMapping.compile("web.yaml", yaml))
        .isInstanceOf(DeclarationException.class)
        .hasMessageStartingWith("web.yaml:" + line + ": ")
        .hasMessageContaining(remedy);
  }

  @Test
  void unitsAndTimePatternsArePartOfTheArtifactAndTheUsualUnitIsNot() {
    SourceMapping plain =
        SourceMapping.compile("a.yaml", MINIMAL + "  duration_micros: {from: /d}\n");
    SourceMapping seconds =
        SourceMapping.compile("a.yaml", MINIMAL + "  duration_micros: {from: /d, unit: seconds}\n");
    SourceMapping millis =
        SourceMapping.compile(
            "a.yaml",
            MINIMAL.replace("/at", "/at, time: 'pattern:dd/MM/yyyy HH:mm', zone: Europe/Berlin")
                + "  duration_micros: {from: /d, unit: milliseconds}\n"
                + "attributes: {rtt_micros: {from: /r, type: micros, unit: microseconds}}\n");

    assertThat(seconds).isEqualTo(plain);
    assertThat(millis.sha256()).isNotEqualTo(plain.sha256());
    assertThat(SourceMapping.of(millis.canonical())).isEqualTo(millis);
  }

  @Test
  void aColumnThatNoRuleReadsMustBeAbleToNameAnAttribute() {
    String csv =
        """
        source: web
        version: 1
        format: csv
        columns: [user, at, type, total, "%s"]
        fields:
          user_id: {from: user}
          event_time: {from: at}
          event_type: {from: type}
        attributes:
          total: {from: total}
        """;

    assertThat(SourceMapping.compile("c.yaml", csv.formatted("more")).columns()).contains("more");
    assertProblem(
        () ->
            SourceMapping.compile(
                "c.yaml", csv.formatted("more").replace("{from: total}", "{from: type}")),
        "c.yaml:4: column 'total' is read by no rule and would become the attribute that 'attributes' fills");
    assertProblem(
        () -> SourceMapping.compile("c.yaml", csv.formatted("a\\tb")),
        "can't name an attribute: use at most 127 characters");
    assertProblem(
        () -> SourceMapping.compile("c.yaml", csv.formatted("x".repeat(128))),
        "can't name an attribute");
  }

  @Test
  void aCsvMappingNamesItsColumnsAndUsesOnlyThose() {
    assertProblem(
        () -> SourceMapping.compile("c.yaml", MINIMAL.replace("json", "csv")), "names the columns");
    assertProblem(
        () -> SourceMapping.compile("c.yaml", MINIMAL.replace("json", "csv\ncolumns: [user, at]")),
        "there is no column '/user'; the columns are [user, at]");
    assertProblem(
        () ->
            SourceMapping.compile("c.yaml", MINIMAL.replace("json", "csv\ncolumns: [user, user]")),
        "two columns share a name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "- a\n- b",
        "a: [",
        "a: 1\na: 2",
        "fields: 3",
        "fields: {user_id: 3}",
        "columns: x",
        "columns: [[a]]",
        "source: [a]",
        "a: &a [1]\nb: [*a, *a]",
        "!!java.net.URL [x]"
      })
  void whatIsNoMappingIsRefusedWithItsLine(String yaml) {
    assertProblem(() -> SourceMapping.compile("bad.yaml", yaml), "bad.yaml");
  }

  private static void assertProblem(ThrowingCallable compilation, String message) {
    assertThatThrownBy(compilation)
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining(message);
  }
}

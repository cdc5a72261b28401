package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.millrace.core.EventField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        .contains("shop.yaml:3: 'xml' is not known; use one of [csv, json]")
        .contains("shop.yaml:5: 'user' is no JSON pointer; write /user")
        .contains("shop.yaml:6: 'price' is no field of an event; map it under 'attributes'")
        .contains("shop.yaml:7: give either 'from' or 'constant'")
        .contains("shop.yaml:8: 'form' is not known here")
        .contains("'fields' must map event_time")
        .contains("shop.yaml:10: an attribute in micros says so: name it total_micros")
        .contains("shop.yaml:11: an attribute can't be a time")
        .contains("shop.yaml:11: 'Mars' is no time zone")
        .contains("shop.yaml:12: 'no good' can't name an attribute")
        .contains("shop.yaml:13: 'extra' is not known here");
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

package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a derived column is where arithmetic has no answer. */
class DerivedColumnsTest {

  private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

  /** Of one event, with a value of nearly 2⁶³ and without a country. */
  private static Object derived(String expression) {
    FeatureSet set =
        FeatureSetDeclaration.compile(
                "test.yaml",
                """
                feature_set: test
                version: 1
                entity: user_id
                source: events.clean
                features:
                  - {name: one,     op: count}
                  - {name: zero,    op: count, where: "event_type == 'never'"}
                  - {name: largest, op: sum, of: value_micros}
                  - {name: none,    op: mean, of: quantity}
                  - {name: nowhere, op: last, of: country}
                  - {name: type,    op: last, of: event_type}
                  - {name: member,  op: last, of: is_member}
                derived:
                  - {name: tested,  expr: "%s"}
                  - {name: after,   expr: "tested == tested"}
                let: {is_member: "event_type != 'login'"}
                """
                    .formatted(expression))
            .set();
    FeatureFold fold = new FeatureFold(set);
    EventContent content =
        new EventContent.Builder()
            .put(EventField.EVENT_TIME, NOON)
            .put(EventField.EVENT_TYPE, "login")
            .put(EventField.VALUE_MICROS, Long.MAX_VALUE)
            .build();
    CleanEvent event =
        new CleanEvent(
            "user",
            "event",
            false,
            NOON,
            NOON,
            false,
            new Origin("test", 0, 0),
            "test",
            0,
            content,
            List.of());
    return fold.fold(fold.start(), event).values().get(set.columnNames().indexOf("tested"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "one / zero                             ; null",
        "zero / zero                            ; null",
        "-one / zero                            ; null",
        "1.0 / (one / zero)                     ; 0.0",
        "one / zero > 5.0                       ; true",
        "-zero                                  ; 0.0",
        "none + 1.0                             ; null",
        "max(none, 1.0)                         ; null",
        "none > 1.0                             ; null",
        "none > 1.0 || true               ; true",
        "none > 1.0 ? 1.0 : 2.0                 ; null",
        "nowhere == 'DE'                        ; false",
        "nowhere == null                        ; true",
        "none == null                           ; true",
        "largest * largest * 1e300              ; null",
        "1e308 * 10.0                           ; null",
        "int(largest)                           ; null",
        "int(one) + 9223372036854775807         ; null",
        "int(one) / int(zero)                   ; null",
        "int(one) % int(zero)                   ; null",
        "one + 1.0                              ; 2.0",
        "int(one + 1.5)                         ; 2",
        "type + 'x'                             ; loginx",
        "!member                                ; true",
      })
  void whatHasNoAnswerIsNull(String expression, String value) {
    assertThat(String.valueOf(derived(expression))).isEqualTo(value);
  }
}

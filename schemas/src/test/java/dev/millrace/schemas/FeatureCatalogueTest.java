package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.features.FeatureSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The catalogue in the docs is that of the set that comes with Millrace. Where it is not, this test
 * writes it and fails, so that somebody looks.
 */
class FeatureCatalogueTest {

  private static final Path PAGE = Path.of("..", "docs", "feature-catalogue.md");

  private static String page(FeatureSet set) {
    return """
        # The features of %s, version %d

        %s Made of [the declaration](../schemas/feature-sets/%s.yaml) by `FeatureCatalogueTest`: change it there. What the words mean is on [features](features.md).

        %s
        SHA-256 of the declaration: `%s`
        """
        .formatted(
            set.name(),
            set.version(),
            set.doc(),
            set.name(),
            FeatureCatalogue.markdown(set),
            set.sha256());
  }

  @Test
  void theCatalogueInTheDocsIsThatOfTheShippedSet() throws IOException {
    String expected = page(FeatureSets.userActivity());

    if (Files.notExists(PAGE) || !Files.readString(PAGE).equals(expected)) {
      Files.writeString(PAGE, expected);
      throw new AssertionError(PAGE + " was another and has been written; look at it, commit it");
    }
  }

  @Test
  void everyKindOfColumnHasItsRow() {
    FeatureSet set =
        FeatureSetDeclaration.compile(
                "test.yaml",
                """
                feature_set: test
                version: 1
                entity: user_id
                source: events.clean
                features:
                  - {name: spend, op: sum, of: value_micros, windows: [24h], doc: "Paid | owed"}
                  - {name: last_types, op: last_k, of: event_type, k: 5}
                  - {name: since, op: since, doc: Since the latest}
                  - {name: visit, op: session, gap: 30m, emit: [duration]}
                  - {name: tried, op: sequence, steps: [a, b], within: 10m}
                derived: [{name: cents, expr: spend_24h / 10000.0, doc: In cents}]
                """)
            .set();

    assertThat(FeatureCatalogue.markdown(set))
        .isEqualTo(
            """
            | column | meaning | type | unit | window | operation | class | of nothing |
            |---|---|---|---|---|---|---|---|
            | `spend_24h` | Paid \\| owed | integer | micros | 24h | sum | order-free | 0 |
            | `last_types` |  | list |  | whole past | last_k | event-time | [] |
            | `since` | Since the latest | integer | microseconds | whole past | since | order-free | null |
            | `visit_duration` |  | integer | microseconds | gap 30m | session | arrival | 0 |
            | `tried` |  | boolean |  | within 10m | sequence | arrival | false |
            | `cents` | In cents | double |  |  | derived | order-free | 0.0 |
            """);
  }
}

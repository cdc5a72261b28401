package dev.millrace.model;

import static dev.millrace.model.LogisticRegression.Transform.LOG1P;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.features.FeatureSet;
import dev.millrace.model.LogisticRegression.Term;
import dev.millrace.schemas.FeatureSetDeclaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The bootstrap model that comes with Millrace is what its documentation says: these weights, and
 * nothing else. To change it, change them here and in schemas/models/README.md, delete the
 * directory, and run this test once: it writes what is missing and fails.
 */
class BootstrapModelTest {

  private static final Path DIRECTORY = Path.of("..", "schemas", "models", "activity-bootstrap");
  private static final Path SHIPPED =
      Path.of("..", "schemas", "feature-sets", "user-activity.yaml");
  private static final double THIRTY_SECONDS_IN_MICROS = 30_000_000;

  private static final LogisticRegression BOOTSTRAP =
      new LogisticRegression(
          "activity-bootstrap",
          List.of(
              new Term("events_10m", LOG1P, 1.5, 0.8, 0.9, 0),
              new Term("events_1h", LOG1P, 2.0, 0.9, 0.3, 0),
              new Term("events_24h", LOG1P, 2.5, 1.0, -0.4, 0),
              new Term("value_sum_10m", LOG1P, 8.0, 8.0, 0.5, 0),
              new Term("value_sum_24h", LOG1P, 10.0, 8.0, -0.2, 0),
              new Term("products_24h", LOG1P, 0.7, 0.6, 0.4, 0),
              new Term("since_last_event", LOG1P, 17.0, 3.0, -0.6, THIRTY_SECONDS_IN_MICROS)),
          -1.0);

  private static final double[][] GOLDEN_ROWS = {
    {1, 1, 1, 0, 0, 0, Double.NaN},
    {12, 14, 20, 35_910_000, 120_000_000, 5, 2_000_000},
    {40, 45, 45, 900_000_000, 900_000_000, 30, 500_000},
    {1, 2, 60, 0, 2_000_000_000, 12, 3_600_000_000d}
  };

  private static Map<String, byte[]> files() throws IOException {
    byte[] declaration = featureSet();
    FeatureSet set = FeatureSetDeclaration.of(declaration).set();
    Map<String, byte[]> files = new TreeMap<>();
    files.put(ModelDirectory.FEATURE_SET, declaration);
    files.putAll(directory(set));
    return files;
  }

  /** As the directory says; the shipped set may have a later version by now. */
  private static byte[] featureSet() throws IOException {
    Path brought = DIRECTORY.resolve(ModelDirectory.FEATURE_SET);
    return Files.exists(brought)
        ? Files.readAllBytes(brought)
        : FeatureSetDeclaration.compile(SHIPPED.toString(), Files.readString(SHIPPED)).canonical();
  }

  private static Map<String, byte[]> directory(FeatureSet set) {
    return new ModelDirectoryWriter(
            BOOTSTRAP,
            new FeatureSetPin(set.name(), set.version(), set.sha256()),
            0.5,
            Instant.parse("2026-01-01T00:00:00Z"),
            null,
            null)
        .files(GOLDEN_ROWS);
  }

  @Test
  void theCommittedDirectoryIsMadeOfTheDocumentedWeights() throws IOException {
    Map<String, byte[]> expected = files();
    List<String> missing =
        expected.keySet().stream()
            .filter(name -> Files.notExists(DIRECTORY.resolve(name)))
            .toList();
    Files.createDirectories(DIRECTORY);
    for (String name : missing) {
      Files.write(DIRECTORY.resolve(name), expected.get(name));
    }
    assertThat(missing).as("missing, and written now: look at them, commit them").isEmpty();
    for (Map.Entry<String, byte[]> file : expected.entrySet()) {
      assertThat(DIRECTORY.resolve(file.getKey())).hasBinaryContent(file.getValue());
    }
  }

  @Test
  void itTellsAQuietUserFromABurst() throws IOException {
    try (OnnxModel model = OnnxModel.open(ModelDirectory.read(DIRECTORY))) {
      model.verifyGolden();
      assertThat(model.evaluate(GOLDEN_ROWS[0]).probability()).isLessThan(0.3);
      assertThat(model.evaluate(GOLDEN_ROWS[2]).probability()).isGreaterThan(0.7);
    }
  }
}

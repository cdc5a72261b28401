package dev.millrace.model;

import static dev.millrace.model.Models.aWriter;
import static dev.millrace.model.Models.goldenRows;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryWriterTest {

  private static final FeatureSetPin PIN = new FeatureSetPin("user-activity", 1, Models.SHA_256);

  @TempDir Path folder;

  @Test
  void writesWhatMlflowNeedsAndMlModelLast() {
    assertThat(aWriter().files(goldenRows()).keySet())
        .containsExactlyInAnyOrder(
            "model.onnx",
            "golden.json",
            "input_example.json",
            "serving_input_example.json",
            "requirements.txt",
            "conda.yaml",
            "python_env.yaml",
            "MLmodel")
        .endsWith("MLmodel");
  }

  @Test
  void writesTheFormThatMlflowWrites() {
    assertThat(text("MLmodel"))
        .contains(
            """
              python_function:
                data: model.onnx
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: mlflow.onnx
            """)
        .contains(
            """
            signature:
              inputs: '[{"type": "double", "name": "events_1h", "required": true}, {"type": "double", "name": "spend_24h", "required": true}, {"type": "double", "name": "since_login", "required": true}]'
            """)
        .contains("\nrun_id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9'\n")
        .contains("\n    git_commit: '0123abc'\n")
        .contains("\nutc_time_created: '2026-01-01 12:00:00.123456'\n");
    assertThat(text("serving_input_example.json"))
        .isEqualTo(
            "{\"dataframe_split\": {\"columns\": [\"events_1h\", \"spend_24h\", \"since_login\"],"
                + " \"data\": [[3.0, 120.5, 60.0], [null, 0.0, null], [250.0, 1000000.0, 0.5]]}}");
    assertThat(text("golden.json")).containsPattern("\"probability\": 0\\.[0-9]{9}}");
  }

  @Test
  void equalModelsGiveEqualDirectoriesInEveryCountry() {
    Map<String, byte[]> here = aWriter().files(goldenRows());
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(aWriter().files(goldenRows())).containsExactlyEntriesOf(here);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void anyDifferenceGivesAnotherId() {
    LogisticRegression model = Models.aModel();
    LogisticRegression moved =
        new LogisticRegression(model.name(), model.terms(), model.intercept() + 1e-9);

    List<ModelDirectoryWriter> writers =
        List.of(
            new ModelDirectoryWriter(model, PIN, 0.5, Models.CREATED, null, null),
            new ModelDirectoryWriter(model, PIN, 0.6, Models.CREATED, null, null),
            new ModelDirectoryWriter(model, PIN, 0.5, Models.CREATED.plusSeconds(1), null, null),
            new ModelDirectoryWriter(model, PIN, 0.5, Models.CREATED, "a-run", null),
            new ModelDirectoryWriter(moved, PIN, 0.5, Models.CREATED, null, null));

    assertThat(writers)
        .extracting(writer -> ModelDirectory.read(writer.files(goldenRows())).card().modelUuid())
        .doesNotHaveDuplicates();
  }

  @Test
  void neverChangesADirectory() throws IOException {
    aWriter().write(folder.resolve("model"), goldenRows());
    byte[] before = Files.readAllBytes(folder.resolve("model/model.onnx"));

    assertThatThrownBy(() -> aWriter().write(folder.resolve("model"), goldenRows()))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(Files.readAllBytes(folder.resolve("model/model.onnx"))).isEqualTo(before);
  }

  @Test
  void refusesToWriteWhatNobodyCouldVerify() {
    assertThatThrownBy(() -> aWriter().files()).hasMessageContaining("without golden rows");
    assertThatThrownBy(() -> aWriter().files(new double[] {1, 2}))
        .hasMessageContaining("takes 3 columns and got 2");
    assertThatThrownBy(() -> aWriter().files(new double[] {1, Double.NEGATIVE_INFINITY, 1}))
        .hasMessageContaining("which JSON cannot say");
  }

  @Test
  void refusesAThresholdThatDecidesEveryRowAlike() {
    for (double threshold : new double[] {0, 1, -1, Double.NaN}) {
      assertThatThrownBy(
              () ->
                  new ModelDirectoryWriter(
                      Models.aModel(), PIN, threshold, Models.CREATED, null, null))
          .hasMessageContaining("would decide every row alike");
    }
  }

  @Test
  void refusesARunOrCommitThatBreaksOutOfTheYaml() {
    assertThatThrownBy(
            () ->
                new ModelDirectoryWriter(
                    Models.aModel(), PIN, 0.5, Models.CREATED, "x'\nflavors: {}", null))
        .hasMessageContaining("run id");
    assertThatThrownBy(
            () -> new ModelDirectoryWriter(Models.aModel(), PIN, 0.5, Models.CREATED, null, "main"))
        .hasMessageContaining("git commit 'main'");
  }

  @Test
  void leavesNothingBehindThatCanBeReadWithoutMlModel() throws IOException {
    Map<String, byte[]> files = aWriter().files(goldenRows());
    for (String name : Arrays.copyOf(files.keySet().toArray(new String[0]), files.size() - 1)) {
      Files.write(folder.resolve(name), files.get(name));
    }

    assertThatThrownBy(() -> ModelDirectory.read(folder)).hasMessageContaining("lacks [MLmodel]");
  }

  private static String text(String file) {
    return new String(aWriter().files(goldenRows()).get(file), UTF_8);
  }
}

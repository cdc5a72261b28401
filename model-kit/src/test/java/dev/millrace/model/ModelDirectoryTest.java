package dev.millrace.model;

import static dev.millrace.model.Models.files;
import static dev.millrace.model.Models.filesWith;
import static dev.millrace.model.Models.filesWithGraph;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {

  /** As mlflow 3.17.2 wrote it, but for the metadata and the columns. */
  private static final String BY_MLFLOW =
      """
      flavors:
        onnx:
          code: null
          data: model.onnx
          onnx_session_options: null
          onnx_version: 1.23.2
          providers:
          - CUDAExecutionProvider
          - CPUExecutionProvider
        python_function:
          data: model.onnx
          env:
            conda: conda.yaml
            virtualenv: python_env.yaml
          loader_module: mlflow.onnx
          python_version: 3.11.7
      is_signature_from_type_hint: false
      metadata:
        millrace:
          feature_set: user-activity
          feature_set_sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          feature_set_version: 3
          name: churn
          threshold: 0.25
      mlflow_version: 3.17.2
      model_id: null
      model_size_bytes: 355
      model_uuid: c31db29397f54a22b6165673974ac19c
      prompts: null
      run_id: 12345678901234567890123456789e12
      saved_input_example_info:
        artifact_path: input_example.json
        pandas_orient: split
        serving_input_path: serving_input_example.json
        type: dataframe
      signature:
        inputs: '[{"type": "double", "name": "since_login", "required": true}, {"type": "double",
          "name": "events_1h", "required": true}, {"type":"double","name":"spend_24h"}]'
        outputs: '[{"type": "double", "name": "probability", "required": true}]'
        params: null
      type_hint_from_example: false
      utc_time_created: '2026-11-20 15:24:19.846965'
      """;

  @TempDir Path folder;

  @Test
  void readsWhatTheWriterWrote() {
    ModelCard card = ModelDirectory.read(files()).card();

    assertThat(card.name()).isEqualTo("fraud");
    assertThat(card.runId()).isEqualTo("0a1b2c3d4e5f60718293a4b5c6d7e8f9");
    assertThat(card.gitCommit()).isEqualTo("0123abc");
    assertThat(card.modelUuid()).matches("[0-9a-f]{32}");
    assertThat(card.featureSet()).isEqualTo(new FeatureSetPin("user-activity", 1, Models.SHA_256));
    assertThat(card.threshold()).isEqualTo(0.35);
    assertThat(card.inputColumns()).containsExactly("events_1h", "spend_24h", "since_login");
    assertThat(card.golden())
        .extracting(GoldenVector::columns)
        .containsExactly(
            List.of(3.0, 120.5, 60.0),
            List.of(Double.NaN, 0.0, Double.NaN),
            List.of(250.0, 1e6, 0.5));
  }

  @Test
  void readsWhatMlflowWrote() {
    Map<String, byte[]> files = files();
    files.put("MLmodel", BY_MLFLOW.getBytes(UTF_8));
    files.remove("golden.json");

    ModelCard card = ModelDirectory.read(files).card();

    assertThat(card)
        .isEqualTo(
            new ModelCard(
                "churn",
                "c31db29397f54a22b6165673974ac19c",
                "12345678901234567890123456789e12",
                null,
                new FeatureSetPin("user-activity", 3, Models.SHA_256),
                0.25,
                List.of("since_login", "events_1h", "spend_24h"),
                List.of()));
  }

  @Test
  void takesColumnsInTheOrderOfTheSignatureAndNotOfTheGraph() {
    Map<String, byte[]> files = files();
    files.put("MLmodel", BY_MLFLOW.getBytes(UTF_8));
    files.remove("golden.json");

    try (OnnxModel reordered = OnnxModel.open(ModelDirectory.read(files));
        OnnxModel original = OnnxModel.open(Models.aDirectory())) {
      assertThat(reordered.evaluate(new double[] {60, 3, 120.5}).probability())
          .isEqualTo(original.evaluate(new double[] {3, 120.5, 60}).probability());
    }
  }

  @Test
  void ignoresFilesThatNoModelNeeds() {
    Map<String, byte[]> files = files();
    files.put("metadata/registered_model_meta", new byte[] {1});

    assertThat(ModelDirectory.read(files).card().name()).isEqualTo("fraud");
  }

  @Test
  void doesNotSeeWhatTheCallerDoesToTheFilesLater() {
    Map<String, byte[]> files = files();
    ModelDirectory directory = ModelDirectory.read(files);
    Arrays.fill(files.get("model.onnx"), (byte) 0);

    try (OnnxModel model = OnnxModel.open(directory)) {
      model.verifyGolden();
    }
  }

  @Test
  void readsAFolder() throws IOException {
    Models.aWriter().write(folder, Models.goldenRows());
    Files.writeString(folder.resolve("notes.txt"), "not needed");

    assertThat(ModelDirectory.read(folder).card()).isEqualTo(Models.aDirectory().card());
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    assertThatThrownBy(() -> ModelDirectory.read(folder.resolve("nowhere")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("nowhere is not a directory");
  }

  @Test
  void refusesSymbolicLinks() throws IOException {
    Models.aWriter().write(folder.resolve("model"), Models.goldenRows());
    Path graph = folder.resolve("model/model.onnx");
    Path elsewhere = folder.resolve("elsewhere.onnx");
    Files.move(graph, elsewhere);
    Files.createSymbolicLink(graph, elsewhere);

    assertThatThrownBy(() -> ModelDirectory.read(folder.resolve("model")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("model.onnx is a link");
  }

  @Test
  void refusesALinkToNowhereInsteadOfOverlookingIt() throws IOException {
    Models.aWriter().write(folder, Models.goldenRows());
    Files.delete(folder.resolve("golden.json"));
    Files.createSymbolicLink(folder.resolve("golden.json"), folder.resolve("nowhere"));

    assertThatThrownBy(() -> ModelDirectory.read(folder))
        .hasMessageContaining("golden.json is a link");
  }

  @Test
  void refusesAFileTooLargeToHold() throws IOException {
    Models.aWriter().write(folder, Models.goldenRows());
    try (RandomAccessFile sparse =
        new RandomAccessFile(folder.resolve("model.onnx").toFile(), "rw")) {
      sparse.setLength(ModelDirectory.MAX_FILE_BYTES + 1);
    }

    assertThatThrownBy(() -> ModelDirectory.read(folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("268435456 are allowed");
  }

  @Test
  void refusesPathsOutOfTheDirectory() {
    for (String path :
        List.of("../model.onnx", "a/../../b", "/etc/passwd", "a\\..\\b", "./MLmodel", "a//b", "")) {
      Map<String, byte[]> files = files();
      files.put(path, new byte[0]);

      assertRefused(files, "leads out of the model directory");
    }
  }

  @Test
  void refusesAGraphThatPythonWouldTakeFromElsewhere() {
    assertRefused(
        filesWith("MLmodel", "data: model.onnx", "data: ../model.onnx"), "'../model.onnx'");
    assertRefused(
        filesWith("MLmodel", "loader_module: mlflow.onnx", "loader_module: mlflow.sklearn"),
        "'mlflow.sklearn'");
  }

  @Test
  void refusesADirectoryThatLacksAFile() {
    for (String file :
        List.of(
            "MLmodel",
            "model.onnx",
            "conda.yaml",
            "python_env.yaml",
            "requirements.txt",
            "input_example.json",
            "serving_input_example.json")) {
      Map<String, byte[]> files = files();
      files.remove(file);

      assertRefused(files, "lacks [" + file + "]");
    }
  }

  @Test
  void refusesADirectoryThatLacksAField() {
    for (String field :
        List.of(
            "flavors",
            "  onnx",
            "  python_function",
            "metadata",
            "  millrace",
            "    name",
            "    feature_set",
            "    feature_set_version",
            "    feature_set_sha256",
            "    threshold",
            "signature",
            "  inputs",
            "  outputs")) {
      String found = "\n" + field + ":";
      String renamed = "\n" + field + "x:";
      // The first line has no line break before it.
      Map<String, byte[]> files =
          field.equals("flavors")
              ? filesWith("MLmodel", "flavors:", "flavorsx:")
              : filesWith("MLmodel", found, renamed);

      assertRefused(files, "lacks the field " + field.strip());
    }
  }

  @Test
  void takesADirectoryWithoutRunAndCommit() {
    Map<String, byte[]> files = filesWith("MLmodel", "\nrun_id:", "\nunknown_to_us:");
    files.put(
        "MLmodel",
        new String(files.get("MLmodel"), UTF_8)
            .replace("git_commit:", "commit:")
            .replace("model_uuid: '", "uuid: '")
            .getBytes(UTF_8));

    ModelCard card = ModelDirectory.read(files).card();

    assertThat(card.runId()).isNull();
    assertThat(card.gitCommit()).isNull();
    assertThat(card.modelUuid()).isNull();
  }

  @Test
  void refusesYamlOfAnotherShape() {
    for (String yaml :
        List.of(
            "", "- a list", "just text", "{unbalanced", "a: 1\na: 2", "!!java.net.URL [x]: 1")) {
      Map<String, byte[]> files = files();
      files.put("MLmodel", yaml.getBytes(UTF_8));

      assertRefused(files, "MLmodel");
    }
    assertRefused(filesWith("MLmodel", "name: 'fraud'", "name: [fraud]"), "no plain text in name");
    assertRefused(filesWith("MLmodel", "inputs: '[", "inputs: '"), "signature: inputs");
    assertRefused(filesWith("MLmodel", "inputs: '[", "inputs: '{} #"), "inputs is not a list");
  }

  @Test
  void refusesYamlThatGrowsWhenRead() {
    Map<String, byte[]> files = files();
    files.put("MLmodel", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n".getBytes(UTF_8));
    assertRefused(files, "not readable");

    files.put("MLmodel", ("a: " + "[".repeat(30) + "]".repeat(30)).getBytes(UTF_8));
    assertRefused(files, "not readable");
  }

  @Test
  void refusesAThresholdThatDecidesEveryRowAlike() {
    for (String threshold : List.of("0", "1", "1.0", "-0.1", "17", "1e400")) {
      assertRefused(
          filesWith("MLmodel", "threshold: 0.35", "threshold: " + threshold),
          "would decide every row alike");
    }
    for (String threshold : List.of(".nan", "high", "0x1p-1", "0.5d")) {
      assertRefused(
          filesWith("MLmodel", "threshold: 0.35", "threshold: " + threshold), "no number");
    }
  }

  @Test
  void refusesAFeatureSetThatIsNotPinned() {
    assertRefused(filesWith("MLmodel", Models.SHA_256, "latest"), "no SHA-256");
    assertRefused(
        filesWith("MLmodel", "feature_set_version: 1", "feature_set_version: 0"),
        "versions count from 1");
    assertRefused(
        filesWith("MLmodel", "feature_set_version: 1", "feature_set_version: 1.5"),
        "no whole number in feature_set_version");
    assertRefused(
        filesWith("MLmodel", "feature_set: 'user-activity'", "feature_set: 'User Activity'"),
        "'User Activity'");
  }

  @Test
  void refusesASignatureInLowerPrecisionOrOfTensors() {
    assertRefused(
        filesWith(
            "MLmodel",
            "{\"type\": \"double\", \"name\": \"events_1h\"",
            "{\"type\": \"float\", \"name\": \"events_1h\""),
        "'events_1h' as float");
    assertRefused(
        filesWith(
            "MLmodel",
            "{\"type\": \"double\", \"name\": \"events_1h\"",
            "{\"type\": \"tensor\", \"name\": \"events_1h\""),
        "'events_1h' as tensor");
  }

  @Test
  void refusesASignatureThatIsNotTheGraphs() {
    String input = "\"name\": \"events_1h\", \"required\"";
    assertRefused(
        filesWith("MLmodel", input, "\"name\": \"events_2h\", \"required\""),
        "a value could reach the wrong input");
    assertRefused(
        filesWith("MLmodel", input, "\"name\": \"spend_24h\", \"required\""),
        "a value could reach the wrong input");
    assertRefused(
        filesWithGraph(model -> model.getGraphBuilder().addInput(Models.column("one_more"))),
        "explains some columns only");
    assertRefused(
        filesWith("MLmodel", "\"name\": \"probability\"", "\"name\": \"score\""),
        "Python would see no score");
  }

  @Test
  void refusesABrokenGraph() {
    Map<String, byte[]> files = files();
    byte[] graph = files.get("model.onnx");
    files.put("model.onnx", Arrays.copyOf(graph, graph.length / 2));
    assertRefused(files, "cut off");

    assertRefused(
        filesWithGraph(
            model ->
                model
                    .getGraphBuilder()
                    .getInitializerBuilder(2)
                    .setDataLocation(TensorProto.DataLocation.EXTERNAL)),
        "external_data");
  }

  @Test
  void refusesGoldenVectorsOfAnotherModel() {
    assertRefused(filesWith("golden.json", "events_1h", "events_2h"), "proves nothing");
    assertRefused(filesWith("golden.json", "[3.0, ", "["), "without exactly 3 columns");
    assertRefused(filesWith("golden.json", "[3.0, ", "[\"many\", "), "no number in values");
    assertRefused(filesWith("golden.json", "[3.0, ", "[1e999, "), "infinite");
    assertRefused(filesWith("golden.json", "\"probability\": 0.", "\"probability\": 7."), "[0, 1]");
    assertRefused(filesWith("golden.json", "\"vectors\"", "\"vector\""), "lacks the field vectors");
  }

  private static void assertRefused(Map<String, byte[]> files, String reason) {
    assertThatThrownBy(() -> ModelDirectory.read(files))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(reason);
  }
}

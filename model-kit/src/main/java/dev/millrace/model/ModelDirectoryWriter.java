package dev.millrace.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model directory that Millrace reads and that Python loads and serves. Equal components
 * and rows give equal bytes.
 *
 * @param model the graph to be
 * @param featureSet whose vectors it may score
 * @param threshold a probability at or above it is a positive decision; in (0, 1)
 * @param createdAt when it was trained; becomes part of the directory's id
 * @param runId the MLflow run that trained it; null if none did
 * @param gitCommit the code that trained it; null if unknown
 */
public record ModelDirectoryWriter(
    LogisticRegression model,
    FeatureSetPin featureSet,
    double threshold,
    Instant createdAt,
    @Nullable String runId,
    @Nullable String gitCommit) {

  // Locale-free formatting only (%s): the bytes are the same wherever they are written.

  /** What the directory was tried with; the runtime is the one this module evaluates with. */
  private static final String PYTHON = "3.11.7";

  private static final String MLFLOW = "3.17.2";
  private static final String ONNX = "1.23.2";
  private static final String ONNX_RUNTIME = "1.29.0";

  private static final Pattern RUN_ID = Pattern.compile("[0-9A-Za-z_-]{1,64}");
  private static final Pattern GIT_COMMIT = Pattern.compile("[0-9a-f]{7,64}");
  private static final DateTimeFormatter CREATED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  public ModelDirectoryWriter {
    ModelCard.requireThreshold(model.name(), threshold);
    requireForm("run id", RUN_ID, runId);
    requireForm("git commit", GIT_COMMIT, gitCommit);
  }

  /**
   * The files by their paths, MLmodel last, so that whoever copies them in this order leaves a
   * whole directory or one without MLmodel.
   *
   * @param goldenRows at least one, of typical and of awkward values, NaN where one is missing;
   *     they stand in the directory as they are, so they must not be about a person
   * @throws ModelOutputException if the model has no usable answer for a golden row
   */
  public Map<String, byte[]> files(double[]... goldenRows) {
    if (goldenRows.length == 0) {
      throw new IllegalArgumentException(
          "Model %s comes without golden rows, so nobody could verify a copy; give a few"
              .formatted(model.name()));
    }
    byte[] graph = model.toOnnx();
    String data = rows(goldenRows);
    List<GoldenVector> golden = golden(graph, goldenRows);

    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(ModelDirectory.GRAPH, graph);
    files.put(ModelDirectory.GOLDEN, goldenJson(golden).getBytes(UTF_8));
    files.put(ModelDirectory.INPUT_EXAMPLE, inputExample(data).getBytes(UTF_8));
    files.put(ModelDirectory.SERVING_INPUT_EXAMPLE, servingInputExample(data).getBytes(UTF_8));
    files.put(ModelDirectory.REQUIREMENTS, requirements().getBytes(UTF_8));
    files.put(ModelDirectory.CONDA, conda().getBytes(UTF_8));
    files.put(ModelDirectory.PYTHON_ENV, pythonEnv().getBytes(UTF_8));
    String uuid = uuid(files, mlModel(graph.length, ""));
    files.put(ModelDirectory.ML_MODEL, mlModel(graph.length, uuid).getBytes(UTF_8));
    return files;
  }

  /**
   * Writes {@link #files} into a directory that has none of them yet; a model directory is never
   * changed.
   *
   * @throws IOException if one of the files exists, or the file system fails
   */
  public void write(Path directory, double[]... goldenRows) throws IOException {
    Map<String, byte[]> files = files(goldenRows);
    Files.createDirectories(directory);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue(), StandardOpenOption.CREATE_NEW);
    }
  }

  private List<GoldenVector> golden(byte[] graph, double[][] rows) {
    ModelCard card =
        new ModelCard(
            model.name(),
            null,
            runId,
            gitCommit,
            featureSet,
            threshold,
            model.inputColumns(),
            List.of());
    List<GoldenVector> golden = new ArrayList<>();
    try (OnnxModel onnx = OnnxModel.open(card, OnnxGraph.read(graph), graph)) {
      for (double[] row : rows) {
        // One by one, as verifyGolden does.
        BigDecimal probability = GoldenVector.rounded(onnx.evaluate(row).probability());
        golden.add(
            new GoldenVector(Arrays.stream(row).boxed().toList(), probability.doubleValue()));
      }
    }
    return golden;
  }

  private String goldenJson(List<GoldenVector> golden) {
    String vectors =
        golden.stream()
            .map(
                vector ->
                    "    {\"values\": %s, \"probability\": %s}"
                        .formatted(row(vector.row()), plain(vector.probability())))
            .collect(Collectors.joining(",\n"));
    return """
        {
          "columns": %s,
          "vectors": [
        %s
          ]
        }
        """
        .formatted(columns(), vectors);
  }

  private static String plain(double probability) {
    return GoldenVector.rounded(probability).toPlainString();
  }

  private String inputExample(String data) {
    return "{\"columns\": %s, \"data\": %s}".formatted(columns(), data);
  }

  private String servingInputExample(String data) {
    return "{\"dataframe_split\": %s}".formatted(inputExample(data));
  }

  private String requirements() {
    return """
        mlflow==%s
        onnx==%s
        onnxruntime==%s
        """
        .formatted(MLFLOW, ONNX, ONNX_RUNTIME);
  }

  private String conda() {
    return """
        channels:
        - conda-forge
        dependencies:
        - python=%s
        - pip
        - pip:
          - mlflow==%s
          - onnx==%s
          - onnxruntime==%s
        name: mlflow-env
        """
        .formatted(PYTHON, MLFLOW, ONNX, ONNX_RUNTIME);
  }

  private String pythonEnv() {
    return """
        python: %s
        build_dependencies:
        - pip
        - setuptools
        - wheel
        dependencies:
        - -r requirements.txt
        """
        .formatted(PYTHON);
  }

  private String mlModel(int graphBytes, String uuid) {
    return """
        flavors:
          onnx:
            code: null
            data: model.onnx
            onnx_session_options: null
            onnx_version: %s
            providers:
            - CPUExecutionProvider
          python_function:
            data: model.onnx
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.onnx
            python_version: %s
        is_signature_from_type_hint: false
        metadata:
          millrace:
            feature_set: '%s'
            feature_set_sha256: '%s'
            feature_set_version: %s
        %s    name: '%s'
            threshold: %s
        mlflow_version: %s
        model_id: null
        model_size_bytes: %s
        model_uuid: '%s'
        prompts: null
        %ssaved_input_example_info:
          artifact_path: input_example.json
          pandas_orient: split
          serving_input_path: serving_input_example.json
          type: dataframe
        signature:
          inputs: '%s'
          outputs: '%s'
          params: null
        type_hint_from_example: false
        utc_time_created: '%s'
        """
        .formatted(
            ONNX,
            PYTHON,
            featureSet.name(),
            featureSet.sha256(),
            featureSet.version(),
            optionalLine("    git_commit", gitCommit),
            model.name(),
            threshold,
            MLFLOW,
            graphBytes,
            uuid,
            optionalLine("run_id", runId),
            signature(model.inputColumns()),
            signature(model.outputs()),
            CREATED.format(createdAt));
  }

  private String columns() {
    return model.inputColumns().stream()
        .map("\"%s\""::formatted)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String rows(double[][] rows) {
    return Arrays.stream(rows)
        .map(ModelDirectoryWriter::row)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** JSON knows no NaN; Python makes a NaN of null in a double column. */
  private static String row(double[] row) {
    return Arrays.stream(row)
        .mapToObj(value -> Double.isNaN(value) ? "null" : Double.toString(value))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String signature(List<String> columns) {
    return columns.stream()
        .map("{\"type\": \"double\", \"name\": \"%s\", \"required\": true}"::formatted)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String optionalLine(String field, @Nullable String value) {
    return value == null ? "" : "%s: '%s'\n".formatted(field, value);
  }

  private static void requireForm(String what, Pattern form, @Nullable String value) {
    if (value != null && !form.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "The %s '%s' is not of the form %s; pass what the tracking server or git printed"
              .formatted(what, value, form));
    }
  }

  /** 128 bits in hex, as MLflow writes its ids. */
  private static String uuid(Map<String, byte[]> files, String mlModelWithoutUuid) {
    MessageDigest sha256 = sha256();
    files.values().forEach(content -> sha256.update(sha256().digest(content)));
    byte[] digest = sha256.digest(mlModelWithoutUuid.getBytes(UTF_8));
    return HexFormat.of().formatHex(digest, 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}

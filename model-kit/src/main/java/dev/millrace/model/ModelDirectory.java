package dev.millrace.model;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An MLflow model directory whose files have been read and found to belong together. That it scores
 * what it should is for {@link OnnxModel#verifyGolden()} to say. Immutable.
 */
public final class ModelDirectory {

  /** A larger file is refused unread. */
  public static final long MAX_FILE_BYTES = 256L * 1024 * 1024;

  /** The compiled feature set that the model is pinned to; not every model brings it. */
  public static final String FEATURE_SET = "feature_set.json";

  static final String ML_MODEL = "MLmodel";
  static final String GRAPH = "model.onnx";
  static final String CONDA = "conda.yaml";
  static final String PYTHON_ENV = "python_env.yaml";
  static final String REQUIREMENTS = "requirements.txt";
  static final String INPUT_EXAMPLE = "input_example.json";
  static final String SERVING_INPUT_EXAMPLE = "serving_input_example.json";
  static final String GOLDEN = "golden.json";

  private static final List<String> REQUIRED =
      List.of(
          ML_MODEL, GRAPH, CONDA, PYTHON_ENV, REQUIREMENTS, INPUT_EXAMPLE, SERVING_INPUT_EXAMPLE);

  private static final String LOADER = "mlflow.onnx";
  private static final String DOUBLE = "double";

  private final ModelCard card;
  private final OnnxGraph graph;
  private final byte[] graphBytes;

  private ModelDirectory(ModelCard card, OnnxGraph graph, byte[] graphBytes) {
    this.card = card;
    this.graph = graph;
    this.graphBytes = graphBytes;
  }

  /**
   * Reads a directory that somebody else fetched.
   *
   * @param files content by path relative to the directory, with {@code /} between folders; files
   *     that no model needs are ignored, unless their path leads out of the directory
   * @throws InvalidModelException if the model must not be used
   */
  public static ModelDirectory read(Map<String, byte[]> files) {
    files.forEach(ModelDirectory::requireHarmless);
    List<String> missing = REQUIRED.stream().filter(name -> !files.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new InvalidModelException(
          "The model directory lacks %s, so Python and Millrace could not both load it; log the model again"
              .formatted(missing));
    }

    Document mlModel = Document.parse(ML_MODEL, bytes(files, ML_MODEL));
    requireFlavors(mlModel.child("flavors"));
    OnnxGraph graph = OnnxGraph.read(bytes(files, GRAPH));
    List<String> columns = inputColumns(mlModel.child("signature"), graph);
    List<GoldenVector> golden =
        files.containsKey(GOLDEN) ? golden(bytes(files, GOLDEN), columns) : List.of();
    ModelCard card = card(mlModel, columns, golden);
    return new ModelDirectory(card, graph, bytes(files, GRAPH).clone());
  }

  /**
   * Reads a local directory: the files a model needs and no others, and no symbolic links, which
   * could lead anywhere.
   *
   * @throws InvalidModelException if the model must not be used
   * @throws IOException if the file system fails
   */
  public static ModelDirectory read(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new InvalidModelException(
          "%s is not a directory; name the folder that holds MLmodel".formatted(directory));
    }
    List<String> names = new ArrayList<>(REQUIRED);
    names.add(GOLDEN);
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : names) {
      Path file = directory.resolve(name);
      if (Files.exists(file, NOFOLLOW_LINKS)) {
        files.put(name, content(file));
      }
    }
    return read(files);
  }

  /**
   * Hash of the feature set that a directory is pinned to, also of one that can't be read
   * otherwise; null if it says none.
   */
  static @Nullable String pinnedSet(Map<String, byte[]> files) {
    if (!files.containsKey(ML_MODEL)) {
      return null;
    }
    try {
      return Document.parse(ML_MODEL, bytes(files, ML_MODEL))
          .child("metadata")
          .child("millrace")
          .text("feature_set_sha256");
    } catch (InvalidModelException e) {
      return null;
    }
  }

  public ModelCard card() {
    return card;
  }

  OnnxGraph graph() {
    return graph;
  }

  /** Not a copy, and not to be modified. */
  byte[] graphBytes() {
    return graphBytes;
  }

  private static byte[] content(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new InvalidModelException(
          "%s is a link or no file, and may show anything; copy the content there".formatted(file));
    }
    requireSmall(file.toString(), attributes.size());
    // Opened without following links as well, in case the file was exchanged since.
    try (InputStream in =
        Channels.newInputStream(Files.newByteChannel(file, Set.of(READ, NOFOLLOW_LINKS)))) {
      byte[] content = in.readNBytes(Math.toIntExact(MAX_FILE_BYTES + 1));
      requireSmall(file.toString(), content.length);
      return content;
    }
  }

  private static void requireSmall(String file, long size) {
    if (size > MAX_FILE_BYTES) {
      throw new InvalidModelException(
          "%s has %d bytes, and %d are allowed, to keep the service alive; make the model smaller"
              .formatted(file, size, MAX_FILE_BYTES));
    }
  }

  private static void requireHarmless(String path, byte[] content) {
    boolean inside =
        !path.contains("\\")
            && Arrays.stream(path.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (!inside) {
      throw new InvalidModelException(
          "The path '%s' leads out of the model directory; list the files of one directory by relative paths"
              .formatted(path));
    }
    requireSmall(path, content.length);
  }

  private static byte[] bytes(Map<String, byte[]> files, String name) {
    byte[] content = files.get(name);
    if (content == null) {
      throw new IllegalStateException(name + " was there a moment ago");
    }
    return content;
  }

  private static void requireFlavors(Document flavors) {
    require(flavors.child("onnx"), "data", GRAPH);
    Document pyfunc = flavors.child("python_function");
    require(pyfunc, "data", GRAPH);
    require(pyfunc, "loader_module", LOADER);
  }

  private static void require(Document flavor, String field, String expected) {
    String actual = flavor.text(field);
    if (!actual.equals(expected)) {
      throw new InvalidModelException(
          "MLmodel has %s '%s', so Python would score by something else than %s; log the model with mlflow.onnx, which gives '%s'"
              .formatted(field, actual, GRAPH, expected));
    }
  }

  private static List<String> inputColumns(Document signature, OnnxGraph graph) {
    List<String> columns = new ArrayList<>();
    for (Document input : signature.embeddedChildren("inputs")) {
      columns.add(doubleColumn(input));
    }
    if (columns.size() != graph.inputs().size() || !new HashSet<>(columns).equals(graph.inputs())) {
      throw new InvalidModelException(
          "The signature takes %s and the graph %s, so a value could reach the wrong input; log the model again with the graph's own signature"
              .formatted(columns, graph.inputs()));
    }
    Set<String> outputs =
        signature.embeddedChildren("outputs").stream()
            .map(ModelDirectory::doubleColumn)
            .collect(Collectors.toSet());
    if (!outputs.contains(OnnxGraph.PROBABILITY)) {
      throw new InvalidModelException(
          "The signature gives %s and no 'probability', so Python would see no score; log the model again with the graph's own signature"
              .formatted(outputs));
    }
    return columns;
  }

  private static String doubleColumn(Document column) {
    String name = column.text("name");
    String type = column.text("type");
    if (!type.equals(DOUBLE)) {
      throw new InvalidModelException(
          "The signature has '%s' as %s, and lower precision or tensors change scores; declare it as a double column"
              .formatted(name, type));
    }
    return name;
  }

  private static List<GoldenVector> golden(byte[] json, List<String> columns) {
    Document document = Document.parse(GOLDEN, json);
    List<String> goldenColumns = document.texts("columns");
    if (!goldenColumns.equals(columns)) {
      throw new InvalidModelException(
          "golden.json is about the columns %s and the signature about %s, so it proves nothing; write it again from this model"
              .formatted(goldenColumns, columns));
    }
    List<GoldenVector> golden = new ArrayList<>();
    for (Document vector : document.children("vectors")) {
      try {
        golden.add(new GoldenVector(vector.numbers("values"), vector.number("probability")));
      } catch (IllegalArgumentException e) {
        throw new InvalidModelException("golden.json: " + e.getMessage(), e);
      }
    }
    return golden;
  }

  private static ModelCard card(Document mlModel, List<String> columns, List<GoldenVector> golden) {
    Document millrace = mlModel.child("metadata").child("millrace");
    String name = millrace.text("name");
    String featureSet = millrace.text("feature_set");
    int version = millrace.integer("feature_set_version");
    String sha256 = millrace.text("feature_set_sha256");
    double threshold = millrace.number("threshold");
    try {
      return new ModelCard(
          name,
          mlModel.optionalText("model_uuid"),
          mlModel.optionalText("run_id"),
          millrace.optionalText("git_commit"),
          new FeatureSetPin(featureSet, version, sha256),
          threshold,
          columns,
          golden);
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException("MLmodel or golden.json: " + e.getMessage(), e);
    }
  }
}

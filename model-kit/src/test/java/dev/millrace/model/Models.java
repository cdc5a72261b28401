package dev.millrace.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.model.LogisticRegression.Term;
import dev.millrace.model.LogisticRegression.Transform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Models, directories and graphs for the tests. */
final class Models {

  static final double MISSING = Double.NaN;
  static final String SHA_256 = "0123456789abcdef".repeat(4);
  static final Instant CREATED = Instant.parse("2026-01-01T12:00:00.123456Z");

  private Models() {}

  static LogisticRegression aModel() {
    return new LogisticRegression(
        "fraud",
        List.of(
            new Term("events_1h", Transform.NONE, 4.0, 2.5, 0.8, 0.0),
            new Term("spend_24h", Transform.LOG1P, 3.2, 1.1, -1.4, 10.0),
            new Term("since_login", Transform.NONE, 600.0, 1200.0, 0.3, 86_400.0)),
        -0.7);
  }

  static double[][] goldenRows() {
    return new double[][] {{3, 120.5, 60}, {MISSING, 0, MISSING}, {250, 1e6, 0.5}};
  }

  static ModelDirectoryWriter aWriter() {
    return new ModelDirectoryWriter(
        aModel(),
        new FeatureSetPin("user-activity", 1, SHA_256),
        0.35,
        CREATED,
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "0123abc");
  }

  /** Modifiable, so that a test can break it. */
  static Map<String, byte[]> files() {
    return new TreeMap<>(aWriter().files(goldenRows()));
  }

  static ModelDirectory aDirectory() {
    return ModelDirectory.read(files());
  }

  static Map<String, byte[]> filesWith(String name, String before, String after) {
    Map<String, byte[]> files = files();
    String text = new String(files.get(name), UTF_8);
    if (!text.contains(before)) {
      throw new IllegalArgumentException(name + " does not contain " + before + "\n" + text);
    }
    files.put(name, text.replace(before, after).getBytes(UTF_8));
    return files;
  }

  static Map<String, byte[]> filesWithGraph(Consumer<ModelProto.Builder> change) {
    Map<String, byte[]> files = files();
    files.put("model.onnx", changed(aModel().toOnnx(), change));
    return files;
  }

  static byte[] changed(byte[] graph, Consumer<ModelProto.Builder> change) {
    try {
      ModelProto.Builder model = ModelProto.parseFrom(graph).toBuilder();
      change.accept(model);
      return model.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A model with columns a and b, whose graph has the given nodes and outputs. */
  static OnnxModel open(List<String> outputs, NodeProto... nodes) {
    return open(outputs, List.of(), nodes);
  }

  static OnnxModel open(List<String> outputs, List<GoldenVector> golden, NodeProto... nodes) {
    return open(graph(outputs, nodes), golden);
  }

  static OnnxModel open(byte[] graph) {
    return open(graph, List.of());
  }

  private static OnnxModel open(byte[] bytes, List<GoldenVector> golden) {
    ModelCard card =
        new ModelCard(
            "sketch",
            null,
            null,
            null,
            new FeatureSetPin("user-activity", 1, SHA_256),
            0.5,
            List.of("a", "b"),
            golden);
    return OnnxModel.open(card, OnnxGraph.read(bytes), bytes);
  }

  static byte[] graph(List<String> outputs, NodeProto... nodes) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("sketch").addAllNode(List.of(nodes));
    List.of("a", "b").forEach(input -> graph.addInput(column(input)));
    outputs.forEach(output -> graph.addOutput(column(output)));
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(21))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  static NodeProto node(String operator, List<String> inputs, String output) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(inputs).addOutput(output).build();
  }

  static NodeProto constant(String output, double... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.DOUBLE.getNumber())
            .addDims(values.length);
    for (double value : values) {
      tensor.addDoubleData(value);
    }
    return NodeProto.newBuilder()
        .setOpType("Constant")
        .addOutput(output)
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor))
        .build();
  }

  static NodeProto castToLong(String input, String output) {
    return node("Cast", List.of(input), output).toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("to")
                .setType(AttributeProto.AttributeType.INT)
                .setI(TensorProto.DataType.INT64.getNumber()))
        .build();
  }

  static ValueInfoProto column(String name) {
    return value(
        name,
        TensorProto.DataType.DOUBLE,
        TensorShapeProto.Dimension.newBuilder().setDimParam("N").build());
  }

  static ValueInfoProto value(
      String name, TensorProto.DataType type, TensorShapeProto.Dimension... dimensions) {
    TensorShapeProto shape = TensorShapeProto.newBuilder().addAllDim(List.of(dimensions)).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }

  static LogisticRegression randomModel(Random random) {
    List<Term> terms = new ArrayList<>();
    int count = 2 + random.nextInt(30);
    for (int i = 0; i < count; i++) {
      terms.add(
          new Term(
              "column_" + i,
              random.nextBoolean() ? Transform.LOG1P : Transform.NONE,
              random.nextGaussian(),
              0.1 + random.nextDouble() * 3,
              random.nextGaussian(),
              random.nextGaussian()));
    }
    return new LogisticRegression("random", terms, random.nextGaussian());
  }

  /** One value in eight is missing. */
  static double[][] randomRows(Random random, int rows, int columns) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = random.nextInt(8) == 0 ? MISSING : random.nextGaussian() * 5;
      }
    }
    return values;
  }

  static OnnxModel open(LogisticRegression model) {
    FeatureSetPin pin = new FeatureSetPin("user-activity", 1, SHA_256);
    Map<String, byte[]> files =
        new ModelDirectoryWriter(model, pin, 0.5, CREATED, null, null)
            .files(new double[model.terms().size()]);
    return OnnxModel.open(ModelDirectory.read(files));
  }
}

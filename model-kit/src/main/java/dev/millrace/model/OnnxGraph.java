package dev.millrace.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The inputs and outputs of an ONNX graph that is self-contained, deterministic, sure to end, and
 * in double precision from its inputs to its outputs.
 *
 * @param inputs every one a rank-1 double tensor of any length
 * @param outputs of those {@link OnnxModel} reads, the ones there are
 */
record OnnxGraph(Set<String> inputs, Set<String> outputs) {

  static final String PROBABILITY = "probability";
  static final String MARGIN = "margin";
  static final String CONTRIBUTION = "contribution_";

  /** What ONNX Runtime 1.29 runs; {@code OnnxGraphTest} asks it. */
  static final int MAX_IR_VERSION = 13;

  static final Map<String, Integer> MAX_OPSET = Map.of("", 26, "ai.onnx", 26, "ai.onnx.ml", 5);

  private static final Set<String> RANDOM =
      Set.of(
          "Bernoulli",
          "Multinomial",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike");

  private static final Set<String> LOOPS = Set.of("Loop", "Scan");

  static OnnxGraph read(byte[] bytes) {
    ModelProto model = parse(bytes);
    if (model.getIrVersion() > MAX_IR_VERSION) {
      throw refused(
          "has IR version %d, and the newest known here is %d: export it for an older one"
              .formatted(model.getIrVersion(), MAX_IR_VERSION));
    }
    for (OperatorSetIdProto opset : model.getOpsetImportList()) {
      requireKnown(opset);
    }
    requireAllowed(model);

    OnnxGraph graph = new OnnxGraph(inputs(model.getGraph()), outputs(model.getGraph()));
    graph.requireWholeExplanation();
    return graph;
  }

  private static ModelProto parse(byte[] bytes) {
    try {
      ModelProto model = ModelProto.parseFrom(bytes);
      if (model.getOpsetImportCount() == 0 || model.getGraph().getNodeCount() == 0) {
        throw refused("has no operators, as if cut off: fetch or export it again");
      }
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidModelException(
          "model.onnx is no ONNX graph, or cut off: fetch or export it again", e);
    }
  }

  private static void requireKnown(OperatorSetIdProto opset) {
    Integer newest = MAX_OPSET.get(opset.getDomain());
    if (newest == null) {
      throw refused(
          "imports the custom operators '%s', whose code is not in the graph: use %s only"
              .formatted(opset.getDomain(), standardDomains()));
    }
    if (opset.getVersion() < 1 || opset.getVersion() > newest) {
      throw refused(
          "has opset %d of '%s', and 1 to %d are known here: export it for one of these"
              .formatted(opset.getVersion(), opset.getDomain(), newest));
    }
  }

  /** Looks at every message in the file, so that nothing hides in an attribute or a function. */
  private static void requireAllowed(Message message) {
    if (message instanceof NodeProto node) {
      requireAllowed(node);
    }
    if (message instanceof TensorProto tensor) {
      requireInside(tensor);
    }
    for (Object value : message.getAllFields().values()) {
      if (value instanceof Message child) {
        requireAllowed(child);
      } else if (value instanceof List<?> list
          && !list.isEmpty()
          && list.get(0) instanceof Message) {
        list.forEach(child -> requireAllowed((Message) child));
      }
    }
  }

  private static void requireAllowed(NodeProto node) {
    String operator = node.getOpType();
    if (!MAX_OPSET.containsKey(node.getDomain())) {
      throw refused(
          "uses the custom operator '%s' of '%s', whose code is not in the graph: use %s only"
              .formatted(operator, node.getDomain(), standardDomains()));
    }
    if (RANDOM.contains(operator)) {
      throw refused(
          "uses %s, so no score could be reproduced: remove the random operators"
              .formatted(operator));
    }
    if (LOOPS.contains(operator)) {
      throw refused(
          "uses %s, which may never end and hold a stream up: unroll it".formatted(operator));
    }
  }

  private static void requireInside(TensorProto tensor) {
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || tensor.getExternalDataCount() > 0) {
      throw refused(
          "keeps the tensor '%s' as external_data, in a file that no hash covers: save it with all tensors inside"
              .formatted(tensor.getName()));
    }
  }

  private static Set<String> inputs(GraphProto graph) {
    // Before IR version 4 the constants were listed as inputs as well.
    Set<String> constants =
        graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    Set<String> inputs = new LinkedHashSet<>();
    for (ValueInfoProto input : graph.getInputList()) {
      if (!constants.contains(input.getName())) {
        requireColumn("input", input);
        inputs.add(input.getName());
      }
    }
    return inputs;
  }

  private static Set<String> outputs(GraphProto graph) {
    Set<String> outputs = new LinkedHashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      String name = output.getName();
      if (name.equals(PROBABILITY) || name.equals(MARGIN) || name.startsWith(CONTRIBUTION)) {
        requireColumn("output", output);
        outputs.add(name);
      }
    }
    if (!outputs.contains(PROBABILITY)) {
      throw refused(
          "has no output 'probability', so it would score nothing: export it with one, of shape [N]");
    }
    return outputs;
  }

  private static void requireColumn(String role, ValueInfoProto value) {
    TypeProto.Tensor tensor = value.getType().getTensorType();
    if (tensor.getElemType() != TensorProto.DataType.DOUBLE.getNumber()) {
      throw refused(
          "does not keep the %s '%s' as doubles, and lower precision changes decisions: export it in double precision"
              .formatted(role, value.getName()));
    }
    List<TensorShapeProto.Dimension> shape = tensor.getShape().getDimList();
    if (shape.size() != 1 || shape.get(0).hasDimValue()) {
      throw refused(
          "does not give the %s '%s' the shape [N], one number a row: export it with that shape"
              .formatted(role, value.getName()));
    }
  }

  private void requireWholeExplanation() {
    Set<String> explained =
        outputs.stream()
            .filter(name -> name.startsWith(CONTRIBUTION))
            .map(name -> name.substring(CONTRIBUTION.length()))
            .collect(Collectors.toSet());
    boolean none = explained.isEmpty();
    boolean whole = explained.equals(inputs) && outputs.contains(MARGIN);
    if (!none && !whole) {
      throw refused(
          "explains some columns only, which could not add up: give a margin and a contribution for every input, or no contribution");
    }
  }

  private static String standardDomains() {
    return "the standard domains ai.onnx and ai.onnx.ml";
  }

  private static InvalidModelException refused(String problem) {
    return new InvalidModelException("model.onnx " + problem);
  }
}

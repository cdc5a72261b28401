package dev.millrace.model;

import static dev.millrace.model.Models.column;
import static dev.millrace.model.Models.graph;
import static dev.millrace.model.Models.node;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OnnxGraphTest {

  private static final byte[] FINE =
      graph(List.of("probability"), node("Identity", List.of("a"), "probability"));

  private static final TensorShapeProto.Dimension ANY =
      TensorShapeProto.Dimension.newBuilder().setDimParam("N").build();

  @Test
  void readsInputsAndTheOutputsItKnows() {
    byte[] graph = changed(model -> model.getGraphBuilder().addOutput(column("something_else")));

    assertThat(OnnxGraph.read(graph).inputs()).containsExactly("a", "b");
    assertThat(OnnxGraph.read(graph).outputs()).containsExactly("probability");
  }

  @Test
  void takesNoConstantForAnInput() {
    byte[] graph =
        changed(
            model ->
                model
                    .getGraphBuilder()
                    .addInput(column("weight"))
                    .addInitializer(TensorProto.newBuilder().setName("weight")));

    assertThat(OnnxGraph.read(graph).inputs()).containsExactly("a", "b");
  }

  @Test
  void refusesBytesThatAreNoGraph() {
    assertRefused("no graph at all".getBytes(UTF_8), "cut off");
    assertRefused(new byte[0], "cut off");
  }

  @Test
  void refusesAGraphWhereverItIsCutOff() {
    byte[] whole = Models.aModel().toOnnx();

    for (int length = 0; length < whole.length; length++) {
      byte[] truncated = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> OnnxGraph.read(truncated))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(InvalidModelException.class);
    }
  }

  @Test
  void refusesAnUnknownOpset() {
    assertRefused(changed(model -> model.getOpsetImportBuilder(0).setVersion(99)), "has opset 99");
    assertRefused(changed(model -> model.getOpsetImportBuilder(0).setVersion(0)), "has opset 0");
  }

  @Test
  void refusesAnUnknownIrVersion() {
    assertRefused(changed(model -> model.setIrVersion(14)), "IR version 14");
  }

  @Test
  void knowsExactlyTheOpsetsThatTheRuntimeDoes() throws OrtException {
    int opset = OnnxGraph.MAX_OPSET.get("");
    byte[] newest =
        changed(
            model -> {
              model.setIrVersion(OnnxGraph.MAX_IR_VERSION);
              model.getOpsetImportBuilder(0).setVersion(opset);
              model.addOpsetImport(opset("ai.onnx.ml", OnnxGraph.MAX_OPSET.get("ai.onnx.ml")));
            });

    assertThatCode(() -> OnnxGraph.read(newest)).doesNotThrowAnyException();
    openInRuntime(newest);
    assertThatThrownBy(
            () ->
                openInRuntime(
                    changed(model -> model.getOpsetImportBuilder(0).setVersion(opset + 1))))
        .isInstanceOf(OrtException.class);
    assertThatThrownBy(
            () -> openInRuntime(changed(model -> model.setIrVersion(OnnxGraph.MAX_IR_VERSION + 1))))
        .isInstanceOf(OrtException.class);
  }

  @Test
  void refusesCustomOperators() {
    assertRefused(changed(model -> model.addOpsetImport(opset("com.example", 1))), "'com.example'");
    assertRefused(
        changed(model -> model.getGraphBuilder().getNodeBuilder(0).setDomain("com.example")),
        "custom operator 'Identity'");
  }

  @Test
  void refusesCustomOperatorsInsideBranchesAndFunctions() {
    NodeProto custom =
        node("Spell", List.of("a"), "magic").toBuilder().setDomain("com.example").build();

    assertRefused(
        changed(
            model ->
                model
                    .getGraphBuilder()
                    .getNodeBuilder(0)
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("then_branch")
                            .setG(GraphProto.newBuilder().addNode(custom)))),
        "custom operator 'Spell'");
    assertRefused(
        changed(model -> model.addFunctions(FunctionProto.newBuilder().addNode(custom))),
        "custom operator 'Spell'");
  }

  @Test
  void refusesRandomOperators() {
    assertRefused(
        graph(List.of("probability"), node("RandomUniformLike", List.of("a"), "probability")),
        "no score could be reproduced");
  }

  @Test
  void refusesLoops() {
    assertRefused(
        changed(model -> model.getGraphBuilder().addNode(node("Loop", List.of("a"), "x"))),
        "may never end");
  }

  @Test
  void refusesTensorsInOtherFiles() {
    TensorProto outside =
        TensorProto.newBuilder()
            .setName("weights")
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("../secret"))
            .build();

    assertRefused(
        changed(model -> model.getGraphBuilder().addInitializer(outside)),
        "'weights' as external_data");
    assertRefused(
        changed(
            model ->
                model
                    .getGraphBuilder()
                    .getNodeBuilder(0)
                    .addAttribute(AttributeProto.newBuilder().setName("value").setT(outside))),
        "'weights' as external_data");
  }

  @Test
  void refusesInputsInSinglePrecision() {
    assertRefused(
        changed(
            model ->
                model
                    .getGraphBuilder()
                    .setInput(0, Models.value("a", TensorProto.DataType.FLOAT, ANY))),
        "input 'a' as doubles");
  }

  @Test
  void refusesAnythingButColumns() {
    TensorShapeProto.Dimension three =
        TensorShapeProto.Dimension.newBuilder().setDimValue(3).build();

    for (TensorShapeProto.Dimension[] shape :
        List.of(
            new TensorShapeProto.Dimension[] {},
            new TensorShapeProto.Dimension[] {three},
            new TensorShapeProto.Dimension[] {ANY, three})) {
      assertRefused(
          changed(
              model ->
                  model
                      .getGraphBuilder()
                      .setOutput(
                          0, Models.value("probability", TensorProto.DataType.DOUBLE, shape))),
          "the output 'probability' the shape [N]");
    }
  }

  @Test
  void refusesAGraphWithoutAProbability() {
    assertRefused(
        graph(List.of("score"), node("Identity", List.of("a"), "score")),
        "no output 'probability'");
  }

  @Test
  void refusesAnExplanationThatCannotAddUp() {
    NodeProto probability = node("Identity", List.of("a"), "probability");
    NodeProto ofA = node("Identity", List.of("a"), "contribution_a");
    NodeProto ofB = node("Identity", List.of("b"), "contribution_b");

    assertRefused(
        graph(List.of("probability", "contribution_a"), probability, ofA), "explains some columns");
    assertRefused(
        graph(List.of("probability", "contribution_a", "contribution_b"), probability, ofA, ofB),
        "explains some columns");
  }

  private static byte[] changed(Consumer<ModelProto.Builder> change) {
    return Models.changed(FINE, change);
  }

  private static OperatorSetIdProto opset(String domain, int version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static void openInRuntime(byte[] graph) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    environment.setTelemetry(false);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      environment.createSession(graph, options).close();
    }
  }

  private static void assertRefused(byte[] graph, String reason) {
    assertThatThrownBy(() -> OnnxGraph.read(graph))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("model.onnx")
        .hasMessageContaining(reason);
  }
}

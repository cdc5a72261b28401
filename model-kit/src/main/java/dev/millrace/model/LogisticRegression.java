package dev.millrace.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * A logistic regression with its weights: {@code probability = 1 / (1 + e^-margin)}, and {@code
 * margin = intercept + Σ weight × (transformed − mean) / scale}, summed in the order of the terms.
 *
 * @param name of the model, for example {@code fraud}
 * @param terms one for each input column; at least two, because MLflow's pyfunc hands a graph of
 *     one input a matrix instead of a column
 * @param intercept the margin of a row without any deviation
 */
public record LogisticRegression(String name, List<Term> terms, double intercept) {

  /** Newer ones add nothing here, and older readers know these. */
  private static final int OPSET = 21;

  private static final int IR_VERSION = 10;

  /** What becomes of a value before it is standardised. */
  public enum Transform {
    NONE,

    /**
     * {@code log(1 + max(x, 0))}, for counts and amounts. ONNX Runtime's {@code log} is not {@code
     * StrictMath}: its last bits depend on the processor and the batch size, so that margin and
     * contributions do as well. Whoever rounds to 9 decimals does not see it.
     */
    LOG1P
  }

  /**
   * The share of one column in the margin: {@code weight × (transform(x) − mean) / scale}.
   *
   * @param column the input's name
   * @param transform applied to the value, or to what fills it
   * @param mean of the transformed column
   * @param scale its standard deviation, > 0
   * @param weight of the standardised column
   * @param fill stands in for a missing value, before the transformation
   */
  public record Term(
      String column, Transform transform, double mean, double scale, double weight, double fill) {

    public Term {
      Names.requireColumn(column);
      requireFinite(column, mean, scale, weight, fill);
      if (!(scale > 0)) {
        throw new IllegalArgumentException(
            "Column %s has the scale %s; leave a column that never varies out of the model"
                .formatted(column, scale));
      }
    }
  }

  public LogisticRegression {
    Names.requireName("model", name);
    terms = List.copyOf(terms);
    requireFinite("the intercept", intercept);
    if (terms.size() < 2) {
      throw new IllegalArgumentException(
          "Model %s has %d terms, and MLflow serves graphs of two inputs or more; add a column with weight 0"
              .formatted(name, terms.size()));
    }
    Set<String> names = new HashSet<>(Set.of(OnnxGraph.PROBABILITY, OnnxGraph.MARGIN));
    for (Term term : terms) {
      if (!names.add(term.column()) || term.column().startsWith(OnnxGraph.CONTRIBUTION)) {
        throw new IllegalArgumentException(
            "Model %s has two uses for the name %s; name each column once, and none like an output"
                .formatted(name, term.column()));
      }
    }
  }

  public List<String> inputColumns() {
    return terms.stream().map(Term::column).toList();
  }

  /** The graph's outputs, in its order. */
  List<String> outputs() {
    List<String> outputs = new ArrayList<>();
    outputs.add(OnnxGraph.PROBABILITY);
    outputs.add(OnnxGraph.MARGIN);
    outputs.addAll(contributions());
    return outputs;
  }

  /**
   * The ONNX graph, of plain double operators; equal models give equal bytes.
   *
   * <pre>
   * columns, each [N] → stacked [K, N] → fill → transform → standardise, weigh → contributions, each [N]
   *                                                          intercept + contributions → margin → probability
   * </pre>
   *
   * The columns are stacked because the runtime spends more on starting an operator than on a row.
   * Its subtractions, products, quotients and sums are IEEE doubles in a fixed order, so without
   * {@link Transform#LOG1P} the margin is the same to the bit everywhere.
   */
  public byte[] toOnnx() {
    GraphProto.Builder graph = GraphProto.newBuilder().setName(name);
    inputColumns().forEach(column -> graph.addInput(column(column)));
    outputs().forEach(output -> graph.addOutput(column(output)));

    int count = terms.size();
    graph.addInitializer(integers("/stacked_shape", count, -1));
    graph.addInitializer(integers("/flat_shape", -1));
    graph.addInitializer(perColumn("/fill", Term::fill));
    graph.addInitializer(perColumn("/mean", Term::mean));
    graph.addInitializer(perColumn("/weight", Term::weight));
    graph.addInitializer(perColumn("/scale", Term::scale));
    graph.addInitializer(number("/intercept", intercept));

    // The slashes keep inner names apart from columns.
    graph.addNode(node("Concat", inputColumns(), "/joined").addAttribute(integer("axis", 0)));
    graph.addNode(node("Reshape", List.of("/joined", "/stacked_shape"), "/raw"));
    graph.addNode(node("IsNaN", List.of("/raw"), "/missing"));
    graph.addNode(node("Where", List.of("/missing", "/fill", "/raw"), "/filled"));
    String transformed = addTransform(graph, "/filled");
    graph.addNode(node("Sub", List.of(transformed, "/mean"), "/deviation"));
    graph.addNode(node("Mul", List.of("/weight", "/deviation"), "/weighed"));
    graph.addNode(node("Div", List.of("/weighed", "/scale"), "/contributions"));
    graph.addNode(node("Reshape", List.of("/contributions", "/flat_shape"), "/flat"));
    graph.addNode(
        NodeProto.newBuilder()
            .setName("/Split")
            .setOpType("Split")
            .addInput("/flat")
            .addAllOutput(contributions())
            .addAttribute(integer("axis", 0))
            .addAttribute(integer("num_outputs", count)));
    List<String> summands = new ArrayList<>(List.of("/intercept"));
    summands.addAll(contributions());
    graph.addNode(node("Sum", summands, OnnxGraph.MARGIN));
    graph.addNode(node("Sigmoid", List.of(OnnxGraph.MARGIN), OnnxGraph.PROBABILITY));

    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setProducerName("millrace")
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private String addTransform(GraphProto.Builder graph, String filled) {
    if (terms.stream().noneMatch(term -> term.transform() == Transform.LOG1P)) {
      return filled;
    }
    graph.addInitializer(number("/zero", 0));
    graph.addInitializer(number("/one", 1));
    graph.addInitializer(logarithmic("/is_log1p"));
    graph.addNode(node("Max", List.of(filled, "/zero"), "/positive"));
    graph.addNode(node("Add", List.of("/one", "/positive"), "/one_plus"));
    graph.addNode(node("Log", List.of("/one_plus"), "/log1p"));
    graph.addNode(node("Where", List.of("/is_log1p", "/log1p", filled), "/transformed"));
    return "/transformed";
  }

  private List<String> contributions() {
    return terms.stream().map(term -> OnnxGraph.CONTRIBUTION + term.column()).toList();
  }

  private TensorProto perColumn(String name, ToDoubleFunction<Term> part) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.DOUBLE.getNumber())
        .addDims(terms.size())
        .addDims(1)
        .addAllDoubleData(terms.stream().mapToDouble(part).boxed().toList())
        .build();
  }

  private TensorProto logarithmic(String name) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.BOOL.getNumber())
        .addDims(terms.size())
        .addDims(1)
        .addAllInt32Data(
            terms.stream().map(term -> term.transform() == Transform.LOG1P ? 1 : 0).toList())
        .build();
  }

  private static TensorProto number(String name, double value) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.DOUBLE.getNumber())
        .addDims(1)
        .addDoubleData(value)
        .build();
  }

  private static TensorProto integers(String name, long... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.INT64.getNumber())
        .addDims(values.length)
        .addAllInt64Data(Arrays.stream(values).boxed().toList())
        .build();
  }

  private static NodeProto.Builder node(String operator, List<String> inputs, String output) {
    return NodeProto.newBuilder()
        .setName("/" + operator + "_" + output.replace("/", ""))
        .setOpType(operator)
        .addAllInput(inputs)
        .addOutput(output);
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static ValueInfoProto column(String name) {
    TensorShapeProto anyLength =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("N"))
            .build();
    TypeProto.Tensor doubles =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.DOUBLE.getNumber())
            .setShape(anyLength)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(doubles))
        .build();
  }

  private static void requireFinite(String what, double... values) {
    if (!Arrays.stream(values).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException(
          "A number of %s is infinite or NaN, so no row could be scored; train again on finite values"
              .formatted(what));
    }
  }
}

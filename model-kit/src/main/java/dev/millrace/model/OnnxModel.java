package dev.millrace.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A model ready to score. Any number of threads may evaluate at the same time; {@link #close()}
 * waits for them, and no evaluation starts after it.
 *
 * <p>The same rows in the same batch give the same bits on the same processor. A row alone and the
 * same row in a batch may differ in the last bits, because the runtime computes {@code exp} and
 * {@code log} differently for blocks of rows: round to the canonical 9 decimals before use.
 */
public final class OnnxModel implements AutoCloseable {

  /** Larger batches are cut into blocks of this size, so that memory does not grow with them. */
  static final int BLOCK_ROWS = 256;

  private static final double[] NO_CONTRIBUTIONS = {};

  /**
   * Codes that only a graph provokes. ORT_FAIL is not among them: the runtime says it of operators
   * that do not fit together, but of missing memory as well.
   */
  private static final Set<OrtErrorCode> GRAPH_IS_TO_BLAME =
      EnumSet.of(
          OrtErrorCode.ORT_INVALID_ARGUMENT,
          OrtErrorCode.ORT_INVALID_GRAPH,
          OrtErrorCode.ORT_INVALID_PROTOBUF,
          OrtErrorCode.ORT_NOT_IMPLEMENTED);

  private final ModelCard card;

  /** Probability, then margin, then contributions by column, as far as the graph gives them. */
  private final List<String> outputs;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
  private final ConcurrentLinkedDeque<Workspace> idle = new ConcurrentLinkedDeque<>();
  private boolean closed;

  private OnnxModel(
      ModelCard card, List<String> outputs, OrtEnvironment environment, OrtSession session) {
    this.card = card;
    this.outputs = outputs;
    this.environment = environment;
    this.session = session;
  }

  /**
   * Hands the graph to the runtime; close the model when no more rows will come.
   *
   * @throws InvalidModelException if the runtime finds the graph invalid
   * @throws ModelRuntimeException if the runtime can't be had here, or fails for what may be a
   *     reason of this machine
   */
  public static OnnxModel open(ModelDirectory directory) {
    return open(directory.card(), directory.graph(), directory.graphBytes());
  }

  static OnnxModel open(ModelCard card, OnnxGraph graph, byte[] graphBytes) {
    try (SessionOptions options = new SessionOptions()) {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      // The native library reports its use to its maker unless told not to.
      environment.setTelemetry(false);
      options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setDeterministicCompute(true);
      // Higher levels choose fused kernels by processor.
      options.setOptimizationLevel(SessionOptions.OptLevel.BASIC_OPT);
      // The exceptions say what happened; the runtime's own lines on stderr may show values.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Otherwise the runtime guesses the format, and might load what OnnxGraph has not checked.
      options.addConfigEntry("session.load_model_format", "ONNX");
      return new OnnxModel(
          card,
          outputsInOrder(card, graph),
          environment,
          environment.createSession(graphBytes, options));
    } catch (OrtException e) {
      if (GRAPH_IS_TO_BLAME.contains(e.getCode())) {
        throw new InvalidModelException(
            "Model %s is refused by ONNX Runtime (%s); export it again and try it in Python first"
                .formatted(card.name(), e.getMessage()),
            e);
      }
      throw new ModelRuntimeException(
          "Model %s can't be opened by ONNX Runtime here (%s), which may be for lack of memory as well as for its graph. Give the process more memory; if that does not help, try the model in Python."
              .formatted(card.name(), e.getMessage()),
          e);
    } catch (LinkageError e) {
      throw new ModelRuntimeException(
          "ONNX Runtime's native library can't be loaded (%s). It is unpacked to java.io.tmpdir, which must be writable and executable, or taken from -Donnxruntime.native.path; this must be Linux, macOS or Windows on x64 or arm64."
              .formatted(e),
          e);
    }
  }

  private static List<String> outputsInOrder(ModelCard card, OnnxGraph graph) {
    List<String> outputs = new ArrayList<>();
    outputs.add(OnnxGraph.PROBABILITY);
    outputs.add(OnnxGraph.MARGIN);
    card.inputColumns().forEach(column -> outputs.add(OnnxGraph.CONTRIBUTION + column));
    outputs.retainAll(graph.outputs());
    return List.copyOf(outputs);
  }

  public ModelCard card() {
    return card;
  }

  /**
   * Scores one row.
   *
   * @param columns in the order of {@link ModelCard#inputColumns()}; NaN is a missing value
   * @throws ModelOutputException if the model has no usable answer for it
   * @throws ModelRuntimeException if the runtime fails for what may be a reason of this machine
   */
  public Evaluation evaluate(double[] columns) {
    return evaluate(new double[][] {columns}).get(0);
  }

  /**
   * Scores rows, and answers in their order.
   *
   * @param rows each as in {@link #evaluate(double[])}
   * @throws ModelOutputException if the model has no usable answer for one of them; the others can
   *     then be had without it
   * @throws ModelRuntimeException if the runtime fails for what may be a reason of this machine
   */
  public List<Evaluation> evaluate(double[][] rows) {
    requireArity(rows);
    List<Evaluation> evaluations = new ArrayList<>(rows.length);
    lifetime.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "Model %s is closed; open it again to score".formatted(card.name()));
      }
      for (int from = 0; from < rows.length; from += BLOCK_ROWS) {
        evaluateBlock(rows, from, Math.min(BLOCK_ROWS, rows.length - from), evaluations);
      }
    } finally {
      lifetime.readLock().unlock();
    }
    return evaluations;
  }

  /**
   * Scores the golden vectors; a model without any passes.
   *
   * <p>Whether the model or the machine is to blame can't be told: refuse to activate the model,
   * but make no outcome of it.
   *
   * @throws InvalidModelException if a score is not the expected one
   * @throws ModelRuntimeException if the runtime fails for what may be a reason of this machine
   */
  public void verifyGolden() {
    for (int i = 0; i < card.golden().size(); i++) {
      GoldenVector vector = card.golden().get(i);
      double actual = goldenProbability(i, vector);
      if (!vector.agreesWith(actual)) {
        throw new InvalidModelException(
            "Model %s scores golden vector %d with %s instead of %s, so this is not the model that was tested, or it runs differently here; keep the model in use and log this one again"
                .formatted(card.name(), i, actual, vector.probability()));
      }
    }
  }

  private double goldenProbability(int index, GoldenVector vector) {
    try {
      return evaluate(vector.row()).probability();
    } catch (ModelOutputException e) {
      throw new InvalidModelException(
          "Model %s cannot score golden vector %d; keep the model in use and log this one again"
              .formatted(card.name(), index),
          e);
    }
  }

  /** Waits for running evaluations; closing again does nothing. */
  @Override
  public void close() {
    lifetime.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        idle.forEach(Workspace::close);
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(
          "Model %s was not closed by ONNX Runtime; restart to free its memory"
              .formatted(card.name()),
          e);
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  private void requireArity(double[][] rows) {
    int arity = card.inputColumns().size();
    for (double[] row : rows) {
      if (row.length != arity) {
        throw new IllegalArgumentException(
            "Model %s takes %d columns and got %d; give every column, NaN where it is missing"
                .formatted(card.name(), arity, row.length));
      }
    }
  }

  private void evaluateBlock(double[][] rows, int from, int count, List<Evaluation> evaluations) {
    Workspace workspace = idle.pollFirst();
    if (workspace == null) {
      workspace = new Workspace();
    }
    boolean usable = false;
    try {
      workspace.run(rows, from, count);
      usable = true;
      for (int row = 0; row < count; row++) {
        evaluations.add(workspace.evaluation(row, from + row));
      }
    } catch (OrtException e) {
      if (e.getCode() != OrtErrorCode.ORT_INVALID_ARGUMENT) {
        // Its message may quote a value, and so may the exception's.
        throw new ModelRuntimeException(
            "ONNX Runtime stopped with %s while model %s scored, which may be for lack of memory. Give the process more memory; if it stops at the same row again, the model's graph can't score that row."
                .formatted(e.getCode(), card.name()),
            null);
      }
      if (count == 1) {
        // Its message may quote a value, so neither the message nor the exception goes on.
        throw new ModelOutputException(card.name(), from, "stopped with " + e.getCode());
      }
      // One row stopped them all; alone, the others have their answers and this one its blame.
      for (int row = from; row < from + count; row++) {
        evaluateBlock(rows, row, 1, evaluations);
      }
    } finally {
      if (usable) {
        idle.addFirst(workspace);
      } else {
        workspace.close();
      }
    }
  }

  /**
   * Tensors over one direct buffer, column after column, kept from call to call while the number of
   * rows stays the same; for one thread at a time.
   */
  private final class Workspace {

    /** Every column starts on its own cache line, so that vectorised kernels see equal blocks. */
    private static final int LINE_BYTES = 64;

    private static final int LINE = LINE_BYTES / Double.BYTES;

    private final DoubleBuffer cells;
    private final Map<String, OnnxTensor> inputTensors = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputTensors = new LinkedHashMap<>();
    private int rows;
    private int stride;

    Workspace() {
      int columns = card.inputColumns().size() + outputs.size();
      cells =
          ByteBuffer.allocateDirect(columns * BLOCK_ROWS * Double.BYTES + LINE_BYTES)
              .alignedSlice(LINE_BYTES)
              .order(ByteOrder.nativeOrder())
              .asDoubleBuffer();
    }

    void run(double[][] batch, int from, int count) throws OrtException {
      if (count != rows) {
        resize(count);
      }
      for (int row = 0; row < count; row++) {
        double[] values = batch[from + row];
        for (int column = 0; column < values.length; column++) {
          cells.put(column * stride + row, values[column]);
        }
        // What the runtime should leave out must not look like an earlier row's answer.
        for (int output = 0; output < outputs.size(); output++) {
          cells.put(outputCell(output, row), Double.NaN);
        }
      }
      session.run(inputTensors, outputTensors).close();
    }

    private void resize(int count) throws OrtException {
      close();
      stride = (count + LINE - 1) / LINE * LINE;
      int column = 0;
      for (String input : card.inputColumns()) {
        inputTensors.put(input, tensor(column++, count));
      }
      for (String output : outputs) {
        outputTensors.put(output, tensor(column++, count));
      }
      rows = count;
    }

    private OnnxTensor tensor(int column, int count) throws OrtException {
      return OnnxTensor.createTensor(
          environment, cells.slice(column * stride, count), new long[] {count});
    }

    Evaluation evaluation(int row, int rowOfBatch) {
      double probability = output(0, row, rowOfBatch);
      if (probability < 0 || probability > 1) {
        throw new ModelOutputException(
            card.name(), rowOfBatch, "gave a probability outside [0, 1]");
      }
      if (outputs.size() == 1) {
        return new Evaluation(probability, null, NO_CONTRIBUTIONS);
      }
      double margin = output(1, row, rowOfBatch);
      double[] contributions = new double[outputs.size() - 2];
      for (int i = 0; i < contributions.length; i++) {
        contributions[i] = output(2 + i, row, rowOfBatch);
      }
      return new Evaluation(probability, margin, contributions);
    }

    private double output(int index, int row, int rowOfBatch) {
      double value = cells.get(outputCell(index, row));
      if (!Double.isFinite(value)) {
        throw new ModelOutputException(
            card.name(), rowOfBatch, "gave a %s that is no number".formatted(outputs.get(index)));
      }
      return value;
    }

    private int outputCell(int index, int row) {
      return (card.inputColumns().size() + index) * stride + row;
    }

    void close() {
      inputTensors.values().forEach(OnnxTensor::close);
      outputTensors.values().forEach(OnnxTensor::close);
      inputTensors.clear();
      outputTensors.clear();
      rows = 0;
    }
  }
}

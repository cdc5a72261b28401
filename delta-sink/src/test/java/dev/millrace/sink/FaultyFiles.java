package dev.millrace.sink;

import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** Real files, with something that happens at a stage of an append, once. */
final class FaultyFiles extends HadoopFileIO {

  enum Stage {
    BEFORE_PARQUET,
    BEFORE_COMMIT,
    AFTER_COMMIT
  }

  interface Event {
    void happen() throws IOException;
  }

  private final Stage stage;
  private Event event;

  private FaultyFiles(Configuration configuration, Stage stage, Event event) {
    super(configuration);
    this.stage = stage;
    this.event = event;
  }

  static Engine engine() {
    return DefaultEngine.create(configuration());
  }

  /** An engine on which the event happens when the stage is first reached. */
  static Engine engine(Stage stage, Event event) {
    return DefaultEngine.create(new FaultyFiles(configuration(), stage, event));
  }

  static Event failure(String message) {
    return () -> {
      throw new IOException(message);
    };
  }

  static Configuration configuration() {
    Configuration configuration = new Configuration();
    SinkConfig.writing(configuration);
    return configuration;
  }

  private void reached(Stage reached) throws IOException {
    Event due = event;
    if (reached == stage && due != null) {
      event = null;
      due.happen();
    }
  }

  @Override
  public OutputFile newOutputFile(String path) {
    OutputFile file = super.newOutputFile(path);
    boolean commit = path.contains("_delta_log/0") && path.endsWith(".json");
    return new OutputFile() {
      @Override
      public String path() {
        return file.path();
      }

      @Override
      public PositionOutputStream create(boolean putIfAbsent) throws IOException {
        reached(Stage.BEFORE_PARQUET);
        return file.create(putIfAbsent);
      }

      @Override
      public void writeAtomically(CloseableIterator<String> data, boolean overwrite)
          throws IOException {
        if (!commit || path.endsWith("00000000000000000000.json")) {
          file.writeAtomically(data, overwrite);
          return;
        }
        reached(Stage.BEFORE_COMMIT);
        file.writeAtomically(data, overwrite);
        reached(Stage.AFTER_COMMIT);
      }
    };
  }
}

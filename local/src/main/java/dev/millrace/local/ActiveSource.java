package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SourceMapping;
import java.util.List;

/** Source mappings by their names, as they are in force now. */
final class ActiveSource {

  private ActiveSource() {}

  /**
   * The mapping that reads what is published from now on.
   *
   * @throws CommandException if none of that name is active, naming those that are
   */
  static SourceMapping find(String source, ActivationLog log, ArtifactStore store) {
    return log.active(Activation.SOURCE, source)
        .map(activation -> SourceMapping.of(store.get(activation.sha256())))
        .orElseThrow(() -> unknown(source, log));
  }

  private static CommandException unknown(String source, ActivationLog log) {
    List<String> active = log.active(Activation.SOURCE).stream().map(Activation::name).toList();
    return new CommandException(
        "No source named '%s' is active, so its lines could not be read. Active are: %s. Activate another with ./millrace activate FILE.yaml"
            .formatted(source, active.isEmpty() ? "none" : String.join(", ", active)));
  }
}

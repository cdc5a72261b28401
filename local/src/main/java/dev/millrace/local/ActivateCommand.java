package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "activate",
    description =
        "Makes a declaration, a model, a reference set or a geo database the one that decides about events from now on, in all services of the running stack.")
final class ActivateCommand implements Callable<Integer> {

  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Parameters(
      paramLabel = "FILE_OR_DIR",
      description =
          "A source mapping, a contract or a feature set (.yaml), the folder of an MLflow model, a geo database (.mmdb), or a reference set (.txt, with a value per line).")
  private Path path = Path.of("");

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Why; stands on the activation log for ever.")
  private String reason = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Home home;
  private final Console console;

  ActivateCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    if (!Files.exists(path)) {
      throw new ParameterException(spec.commandLine(), "There is no %s".formatted(path));
    }
    StackFile stack = StackFile.ofRunningStack(home);
    ArtifactStore store = new ArtifactStore(Path.of(stack.artifactStore()));
    Artifact artifact = Artifact.kept(path, store);
    Activator.Result result =
        new Activator(
                stack.bootstrapServers(),
                new SchemaRegistry(stack.registryUrl(), REGISTRY_PATIENCE),
                store)
            .activate(artifact, System.getProperty("user.name"), reason);
    console.say(outcome(artifact, result));
    if (artifact.note() != null) {
      console.say(artifact.note());
    }
    new ActivationReaders(stack, new ServiceClient(), console).await(result.offset(), PATIENCE);
    return 0;
  }

  private static String outcome(Artifact artifact, Activator.Result result) {
    if (result.activation().isEmpty()) {
      return "Already active: %s %s, sha256 %s. Nothing was written."
          .formatted(artifact.kind(), artifact.name(), artifact.sha256());
    }
    Activation activation = result.activation().get();
    return "Active from offset %d of the activation log on: %s, sha256 %s. It decides about every event that is accepted after it."
        .formatted(result.offset(), activation.key(), activation.sha256());
  }
}

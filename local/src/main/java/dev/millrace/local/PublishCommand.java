package dev.millrace.local;

import dev.millrace.local.Publisher.Published;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.SourceMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.Producer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "publish",
    description = "Publishes a file, an event per line, to the running stack.")
final class PublishCommand implements Callable<Integer> {

  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(10);
  private static final int EVENTS_PER_DRAWING = 1_000;

  @Parameters(paramLabel = "FILE", description = "CSV without a header, or JSON lines.")
  private Path file = Path.of("");

  @Option(
      names = "--source",
      required = true,
      paramLabel = "NAME",
      description = "The active source whose mapping reads the file.")
  private String source = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Home home;
  private final Console console;

  PublishCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    if (!Files.isReadable(file)) {
      throw new ParameterException(
          spec.commandLine(), "There is no file %s to read".formatted(file));
    }
    StackFile stack = StackFile.ofRunningStack(home);
    SchemaRegistry registry = new SchemaRegistry(stack.registryUrl(), REGISTRY_PATIENCE);
    SourceMapping mapping =
        ActiveSource.find(
            source,
            ActivationLog.read(stack.bootstrapServers(), registry),
            new ArtifactStore(Path.of(stack.artifactStore())));
    try (Lines lines = Lines.of(file);
        Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      Published published =
          new Publisher(producer, new EventReader(registry), mapping)
              .publish(lines, this::showProgress);
      console.draw(List.of());
      console.say(outcome(published));
    }
    return 0;
  }

  private void showProgress(long events) {
    if (events % EVENTS_PER_DRAWING == 0) {
      console.draw(List.of(String.format(Locale.ROOT, "  %,d events published", events)));
    }
  }

  private String outcome(Published published) {
    String text =
        String.format(
            Locale.ROOT, "%,d events of %s published as %s.", published.events(), file, source);
    if (published.blank() > 0) {
      text += String.format(Locale.ROOT, " %,d blank lines were skipped.", published.blank());
    }
    if (published.withoutUser() > 0) {
      text +=
          String.format(
              Locale.ROOT,
              " In %,d the user could not be read: they will be quarantined.",
              published.withoutUser());
    }
    return text;
  }
}

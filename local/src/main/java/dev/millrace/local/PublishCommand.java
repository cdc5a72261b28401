package dev.millrace.local;

import dev.millrace.local.Publisher.Published;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.SourceMapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.Producer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "publish",
    description =
        "Publishes a file, an event per line, to the running stack, and tells what became of it.")
final class PublishCommand implements Callable<Integer> {

  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
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
    EventFile.require(file, home, spec);
    StackFile stack = StackFile.ofRunningStack(home);
    SchemaRegistry registry = new SchemaRegistry(stack.registryUrl(), REGISTRY_PATIENCE);
    SourceMapping mapping =
        ActiveSource.find(
            source,
            ActivationLog.read(stack.bootstrapServers(), registry),
            new ArtifactStore(Path.of(stack.artifactStore())));
    try (Lines lines = Lines.of(file);
        Trace trace = new Trace(stack.bootstrapServers(), registry);
        Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      Published published =
          new Publisher(producer, new EventReader(), mapping, trace::published)
              .publish(lines, this::showProgress);
      console.draw(List.of());
      console.say(sent(published, file, source));
      Trace.Outcome outcome = trace.await(PATIENCE, this::showProgress);
      console.draw(List.of());
      if (published.events() > 0) {
        console.say(became(outcome));
      }
    }
    return 0;
  }

  private void showProgress(long events) {
    if (events % EVENTS_PER_DRAWING == 0) {
      console.draw(List.of("  %s published".formatted(Plural.of(events, "event"))));
    }
  }

  private void showProgress(Trace.Outcome outcome) {
    console.draw(
        List.of(
            String.format(
                Locale.ROOT, "  %,d of %,d sorted", outcome.sorted(), outcome.published())));
  }

  static String sent(Published published, Path file, String source) {
    String text =
        "%s of %s published as %s.".formatted(Plural.of(published.events(), "event"), file, source);
    if (published.blank() > 0) {
      text +=
          " %s skipped."
              .formatted(Plural.of(published.blank(), "blank line was", "blank lines were"));
    }
    if (published.withoutUser() > 0) {
      text +=
          " In %s the user could not be read."
              .formatted(Plural.of(published.withoutUser(), "event"));
    }
    return text;
  }

  static String became(Trace.Outcome outcome) {
    String text =
        String.format(
            Locale.ROOT,
            "%,d accepted as raw: %,d clean, %s, %,d quarantined.",
            outcome.raw(),
            outcome.clean(),
            Plural.of(outcome.duplicates(), "duplicate"),
            outcome.quarantined());
    if (!outcome.isComplete()) {
      text +=
          String.format(
              Locale.ROOT,
              " Of %,d nothing is known yet, and none has moved for %d s: see ./millrace status.",
              outcome.published() - outcome.sorted(),
              PATIENCE.toSeconds());
    }
    if (outcome.quarantined() > 0) {
      text += "\nSee why: ./millrace quarantined";
    }
    return text;
  }
}

package dev.millrace.local;

import dev.millrace.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "quarantined",
    description =
        "Shows the events that the running stack has quarantined last, each with all its reasons.")
final class QuarantinedCommand implements Callable<Integer> {

  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(10);
  private static final int FIRST_LOOK = 10_000;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "10",
      description = "At most so many events (default: 10).")
  private int last;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Home home;
  private final Console console;

  QuarantinedCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    if (last < 1) {
      throw new ParameterException(
          spec.commandLine(), "--last takes a number from 1 on, not %d".formatted(last));
    }
    StackFile stack = StackFile.ofRunningStack(home);
    SchemaRegistry registry = new SchemaRegistry(stack.registryUrl(), REGISTRY_PATIENCE);
    try (Consumer<byte[], byte[]> consumer = CommittedRecords.consumer(stack.bootstrapServers())) {
      List<Quarantined> events = new QuarantineTopic(consumer, registry, FIRST_LOOK).latest(last);
      console.say(events.isEmpty() ? "No event is in quarantine." : shown(events));
    }
    return 0;
  }

  private static String shown(List<Quarantined> events) {
    return Quarantined.table(events)
        + "\n\n"
        + Plural.of(events.size(), "event", "events, the latest last")
        + ". Origin is partition:offset on events.raw, where the original is.";
  }
}

package dev.millrace.local;

import dev.millrace.local.generator.GeneratedEvents;
import dev.millrace.local.generator.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description =
        "Starts everything, publishes events, shows them come out as scores, compares what became of each with what had to, and reports. Stays up to be looked at.")
final class DemoCommand implements Callable<Integer> {

  static final long DEFAULT_SEED = 1;

  private static final String STARTED_AT = "MILLRACE_STARTED_AT";
  private static final int GENERATED_USERS = 2_000;
  private static final long GENERATED_EVENTS = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A file needs a source that reads it. */
  static final class Input {
    @Option(
        names = "--events",
        required = true,
        paramLabel = "FILE",
        description = "Publish this file, an event per line, instead of generated events.")
    Path file = Path.of("");

    @Option(
        names = "--source",
        required = true,
        paramLabel = "NAME",
        description = "The source whose mapping reads the file: schemas/sources/NAME.yaml.")
    String source = "";
  }

  @ArgGroup(exclusive = false)
  private @Nullable Input input;

  @Option(names = "--exit", description = "Stop everything after the report.")
  private boolean exit;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + DEFAULT_SEED,
      description = "Of the generated events; the same seed gives the same (default: 1).")
  private long seed;

  @Option(
      names = "--kill",
      description =
          "Kill each service once, by kill -9, while events flow, and start it again. What becomes of the events must be the same.")
  private boolean kill;

  @Spec private CommandSpec spec = CommandSpec.create();

  private String report = "";

  private final Home home;
  private final Console console;

  DemoCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    long startedAt = startedAt();
    if (input != null) {
      EventFile.require(input.file, home, spec);
    }
    int exitCode =
        StackRun.of(
            home,
            console,
            (run, stack) -> {
              Demo.Outcome outcome = outcome(demo(stack, startedAt));
              outcome.summary().write(home.summaryFile());
              writeScoreSet(home, outcome.scoreSet());
              report = report(outcome);
              return exit ? exitCode(outcome) : stay(run, stack, outcome);
            });
    if (exit) {
      // Last of all, so that it is what stays on the screen.
      console.say(report);
    }
    return exitCode;
  }

  private static int exitCode(Demo.Outcome outcome) {
    return outcome.isAsExpected() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private Demo demo(Stack stack, long startedAt) {
    List<Service> killed = kill ? List.of(Service.values()) : List.of();
    return new Demo(stack, console, startedAt, PATIENCE, new Kills(stack, console, killed));
  }

  /** What is published if no file is named. */
  static Plan plan(long seed) {
    return Plan.of(seed, Plan.USER_PREFIX, GENERATED_USERS, GENERATED_EVENTS);
  }

  private static long startedAt() {
    @Nullable String epochMillis = System.getenv(STARTED_AT);
    return epochMillis == null ? System.currentTimeMillis() : Long.parseLong(epochMillis);
  }

  private Demo.Outcome outcome(Demo demo) {
    console.say("Publishing events …");
    if (input == null) {
      return demo.run(new GeneratedEvents(plan(seed)));
    }
    try (Lines lines = Lines.of(input.file)) {
      return demo.run(lines, input.source);
    }
  }

  private String report(Demo.Outcome outcome) {
    String figures =
        "\nThe same in figures: %s. Logs: %s".formatted(home.summaryFile(), home.logs());
    Truth.@Nullable Verdict truth = outcome.summary().truth();
    return outcome.report() + figures + (truth == null ? "" : "\n\n" + Report.of(truth));
  }

  private int stay(StackRun run, Stack stack, Demo.Outcome outcome) {
    console.say(report);
    outcome.aScoredUser().ifPresent(user -> console.say(Hints.lookUp(stack, user)));
    console.say(Hints.postAndLookUp(stack));
    console.say("Why events were set aside: ./millrace quarantined\n");
    console.say(
        "Millrace stays up for you to look around. Ctrl-C stops it, and so does ./millrace down.");
    return run.stay();
  }

  private static void writeScoreSet(Home home, String scoreSet) {
    try {
      Files.writeString(home.scoreSetFile(), scoreSet + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + home.scoreSetFile(), e);
    }
  }
}

package dev.millrace.local;

import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.local.generator.Plan;
import dev.millrace.local.generator.SampleFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "generate",
    description = {
      "Writes the activity of an invented shop, and apart what a correct pipeline makes of it.",
      "The same options give the same bytes. Four files of JSON lines:",
      "  events.ndjson  in the order of sending, for source default",
      "  truth.ndjson   line by line: outcome, reasons, kind of irregularity, user",
      "  users.ndjson   who was last active when, who left, who is in a fraud ring",
      "  rings.ndjson   each ring's users, devices, addresses, orders and chargebacks"
    })
final class GenerateCommand implements Callable<Integer> {

  private static final int EVENTS_PER_USER = 10;
  private static final int MOST_DEFAULT_USERS = 1_000_000;
  private static final int EVENTS_PER_DRAWING = 5_000;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to; files of these names are replaced when all are complete.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Another seed gives another shop (default: 1).")
  private long seed;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Number of lines (default: 20000).")
  private long events;

  @Option(
      names = "--users",
      paramLabel = "U",
      description = "Number of users (default: one for ten events, at most a million).")
  private @Nullable Integer users;

  @Option(
      names = "--start",
      paramLabel = "TIME",
      description = "When the first event may happen (default: 2026-01-05T00:00:00Z).")
  private Instant start = Plan.START;

  @Option(
      names = "--days",
      paramLabel = "D",
      description = "Over how many days; they must be past (default: 28).")
  private int days = Plan.DAYS;

  @Option(
      names = "--irregular",
      paramLabel = "SHARE",
      description =
          "Share of duplicates, conflicts, late, future, malformed and odd events (default: 0.05).")
  private double irregular = Plan.IRREGULAR;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  GenerateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Plan plan = plan();
    try {
      SampleFiles.Written written =
          new SampleFiles(out).write(plan, count -> showProgress(count, plan.events()));
      console.draw(List.of());
      console.say(outcome(plan, written));
      return 0;
    } catch (IOException e) {
      throw new CommandException(
          "Cannot write to %s: %s. Nothing of this run was kept.".formatted(out, e), e);
    }
  }

  private Plan plan() {
    try {
      Plan plan =
          new Plan(
              seed,
              Plan.USER_PREFIX,
              users == null ? defaultUsers() : users,
              events,
              start,
              days,
              irregular);
      if (plan.end().plus(Plan.AFTERMATH).isAfter(Instant.now())) {
        throw new IllegalArgumentException(
            "The days must be past when the events are published, or they count as future ones; they end at "
                + plan.end());
      }
      return plan;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private int defaultUsers() {
    return (int) Math.max(1, Math.min(MOST_DEFAULT_USERS, events / EVENTS_PER_USER));
  }

  private void showProgress(long count, long all) {
    if (count % EVENTS_PER_DRAWING == 0) {
      console.draw(
          List.of(
              String.format(
                  Locale.ROOT, "  %,d of %,d events (%d %%)", count, all, count * 100 / all)));
    }
  }

  private String outcome(Plan plan, SampleFiles.Written written) {
    return String.format(
        Locale.ROOT,
        "%,d events of %,d users in %s: %,d clean, %,d duplicate, %,d quarantined; irregular ones of %d kinds. The truth about each: %s.",
        plan.events(),
        plan.users(),
        out.resolve(SampleFiles.EVENTS),
        written.outcomes().getOrDefault(Outcome.CLEAN, 0L),
        written.outcomes().getOrDefault(Outcome.DUPLICATE, 0L),
        written.outcomes().getOrDefault(Outcome.QUARANTINED, 0L),
        written.kinds().size(),
        out.resolve(SampleFiles.TRUTH));
  }
}

package dev.millrace.batch;

import dev.millrace.batch.gold.GoldCommand;
import dev.millrace.batch.gold.PublishGoldCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Rebuilds from the lake what was served, and proves that nothing changed. */
@Command(
    name = "batch-backfill",
    description = "Rebuilds from the lake what was served, and proves that nothing changed.",
    mixinStandardHelpOptions = true)
public final class BatchBackfill implements Runnable {

  /** Some outcomes are not what was served. */
  static final int DIFFERENT = 3;

  /** Where things are. */
  static final class Places {
    @Mixin private LakeOption lake = new LakeOption();

    @Option(
        names = "--artifacts",
        paramLabel = "DIR",
        defaultValue = "${MILLRACE_ARTIFACTS}",
        required = true,
        description = "The artifact store (MILLRACE_ARTIFACTS).")
    String artifacts = "";

    @Option(
        names = "--pii-keys",
        paramLabel = "DIR",
        defaultValue = "${MILLRACE_PII_KEYS:-pii-keys}",
        description =
            "Folder with a file per key that a contract names (MILLRACE_PII_KEYS); by default ${DEFAULT-VALUE}.")
    String piiKeys = "";

    @Option(
        names = "--partitions",
        paramLabel = "N",
        description =
            "Into how many parts users are divided; by default four for each core. Changes no result.")
    int partitions;

    Settings settings(SparkSession spark) {
      return new Settings(
          lake.uri(),
          artifacts,
          piiKeys,
          partitions > 0 ? partitions : 4 * spark.sparkContext().defaultParallelism());
    }
  }

  /** What is folded of the log. */
  static final class Span {
    @Option(
        names = "--from",
        paramLabel = "TIME|OFFSETS",
        description =
            "Outcomes of raw events from here on only: a time of the log, 2026-03-01T00:00:00Z, or PARTITION:OFFSET,…. What comes before is folded all the same.")
    @Nullable String from;

    @Option(
        names = "--to",
        paramLabel = "TIME|OFFSETS",
        description = "Outcomes of raw events before this only.")
    @Nullable String to;
  }

  /** By which feature set. */
  static final class Set {
    @Option(
        names = "--feature-set",
        paramLabel = "NAME@VERSION",
        description =
            "Folds every event by this feature set, in place of those that were in force for it.")
    @Nullable String featureSet;
  }

  /** What every command does around its work. */
  abstract static class Work implements Callable<Integer> {
    @Mixin private Places places = new Places();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public final Integer call() throws IOException {
      try (SparkSession spark = Sessions.start(spec.name())) {
        Settings settings = places.settings(spark);
        Lake lake = new Lake(spark, settings.lake());
        return run(lake, settings, new Steps(System.out));
      }
    }

    abstract int run(Lake lake, Settings settings, Steps steps);
  }

  @Command(
      name = "parity",
      description = {
        "Folds Bronze again and compares every outcome with what was served.",
        "Exit code 0: nothing differs; 3: something does."
      },
      mixinStandardHelpOptions = true)
  static final class ParityCommand extends Work {
    @Mixin private Span span = new Span();

    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      Choice choice = new Choice(Choice.Order.SERVED, null, span.from, span.to);
      Certificate certificate = new Parity(lake, Replay.of(lake, settings, choice), steps).run();
      certificate.told().forEach(steps::say);
      steps.say("The same as JSON: " + lake.report("parity", certificate));
      return certificate.different() == 0 ? 0 : DIFFERENT;
    }
  }

  @Command(
      name = "skew",
      description =
          "Tells which vectors would be others, had each user's events come in the order of their times, and why.",
      mixinStandardHelpOptions = true)
  static final class SkewCommand extends Work {
    @Mixin private Span span = new Span();
    @Mixin private Set set = new Set();

    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      Choice choice = new Choice(Choice.Order.SERVED, set.featureSet, span.from, span.to);
      SkewReport report = new Skew(Replay.of(lake, settings, choice), steps).run();
      report.told().forEach(steps::say);
      steps.say("The same as JSON: " + lake.report("skew", report));
      return 0;
    }
  }

  @Command(
      name = "backfill",
      description = "Rebuilds Silver and features from Bronze, in tables beside those served.",
      mixinStandardHelpOptions = true)
  static final class BackfillCommand extends Work {
    @Mixin private Span span = new Span();
    @Mixin private Set set = new Set();

    @Option(
        names = "--order",
        paramLabel = "ORDER",
        defaultValue = "served",
        description =
            "served: as the log has each user's events, bit for bit what was served. corrected: by event time, as training wants it. Default: ${DEFAULT-VALUE}.")
    private Choice.Order order = Choice.Order.SERVED;

    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      Choice choice = new Choice(order, set.featureSet, span.from, span.to);
      for (Backfill.Rebuilt rebuilt :
          new Backfill(lake, Replay.of(lake, settings, choice), steps).run()) {
        steps.say(
            String.format(
                Locale.ROOT,
                "%-52s version %d%s",
                rebuilt.at().name(),
                rebuilt.at().version(),
                rebuilt.anew() ? "" : ", already done"));
      }
      return 0;
    }
  }

  @Command(
      name = "quality",
      description = {
        "Looks for rows that were lost, doubled or changed: records, event ids, the rules of the contracts, and an outcome for everything.",
        "Exit code 0: the next step may go on; 3: it may not."
      },
      mixinStandardHelpOptions = true)
  static final class QualityCommand extends Work {
    @Option(
        names = "--max-age",
        paramLabel = "SPAN",
        converter = Durations.class,
        description =
            "How old the newest raw event may be, such as 90m, 36h or 2d; by default as old as it is.")
    private @Nullable Duration maxAge;

    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      QualityReport report = new Quality(lake, settings, Instant.now(), maxAge, steps).run();
      report.told().forEach(steps::say);
      steps.say("The same as JSON: " + lake.report("quality", report));
      return report.passed() ? 0 : DIFFERENT;
    }
  }

  @Command(
      name = "maintain",
      description = {
        "Makes few large files of many small ones, clustered by user, and deletes files that no version of the last week has.",
        "Changes no row, unless days are to be dropped. What is in order is left as it is."
      },
      mixinStandardHelpOptions = true)
  static final class MaintainCommand extends Work {
    @Option(
        names = "--keep",
        paramLabel = "TABLE=DAYS",
        description =
            "Drops rows of days before the last DAYS, today not counted, such as events_raw=400; by default every day is kept. May be given for several tables.")
    private Map<String, Integer> keep = new TreeMap<>();

    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      LocalDate today = LocalDate.now(ZoneOffset.UTC);
      MaintainReport report = new Maintain(lake, keep, today, null, steps).run();
      report.told().forEach(steps::say);
      steps.say("The same as JSON: " + lake.report("maintain", report));
      return 0;
    }
  }

  @Command(
      name = "history",
      description =
          "Tells the versions of tables: when each was written, by what, and how many rows. Any of them can be read again as it was, for a week at least.",
      mixinStandardHelpOptions = true)
  static final class HistoryCommand extends Work {
    @Option(
        names = "--table",
        paramLabel = "TABLE",
        description = "Of this table; by default of all.")
    private @Nullable String table;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "10",
        description = "The newest N versions of each; by default ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
        names = "--digest",
        description =
            "Also counts and hashes the rows of the newest version: the same SHA-256 if and only if the rows are the same, in whatever order and files.")
    private boolean digest;

    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      List<History> histories = new ArrayList<>();
      for (String name : table == null ? lake.tables() : List.of(table)) {
        History history = History.of(lake, name, limit, digest);
        history.told().forEach(steps::say);
        histories.add(history);
      }
      steps.say("The same as JSON: " + lake.report("history", histories));
      return 0;
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    CommandLine commandLine =
        new CommandLine(new BatchBackfill())
            .addSubcommand(new BackfillCommand())
            .addSubcommand(new ParityCommand())
            .addSubcommand(new SkewCommand())
            .addSubcommand(new QualityCommand())
            .addSubcommand(new MaintainCommand())
            .addSubcommand(new HistoryCommand())
            .addSubcommand(new GoldCommand())
            .addSubcommand(new PublishGoldCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    commandLine.setExecutionExceptionHandler(
        (exception, command, result) -> {
          command.getErr().println("batch-backfill: " + Trouble.told(exception));
          return CommandLine.ExitCode.SOFTWARE;
        });
    return commandLine.execute(args);
  }

  /** Without a command there is only help to give. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}

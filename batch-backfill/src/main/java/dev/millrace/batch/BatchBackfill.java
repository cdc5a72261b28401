package dev.millrace.batch;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
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
    @Option(
        names = "--lake",
        paramLabel = "URI",
        defaultValue = "${MILLRACE_LAKE_URI}",
        required = true,
        description = "The folder of the tables (MILLRACE_LAKE_URI).")
    String lake = "";

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
          lake,
          artifacts,
          piiKeys,
          partitions > 0 ? partitions : 4 * spark.sparkContext().defaultParallelism());
    }
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
    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      Certificate certificate = new Parity(lake, Replay.of(lake, settings), steps).run();
      certificate.told().forEach(steps::say);
      return certificate.different() == 0 ? 0 : DIFFERENT;
    }
  }

  @Command(
      name = "backfill",
      description = "Rebuilds Silver and features from Bronze, in tables beside those served.",
      mixinStandardHelpOptions = true)
  static final class BackfillCommand extends Work {
    @Override
    int run(Lake lake, Settings settings, Steps steps) {
      List<Backfill.Rebuilt> tables = new Backfill(lake, Replay.of(lake, settings), steps).run();
      for (Backfill.Rebuilt table : tables) {
        steps.say(
            String.format(
                Locale.ROOT,
                "%-32s version %d%s",
                table.table().name(),
                table.at().version(),
                table.anew() ? "" : ", already done"));
      }
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

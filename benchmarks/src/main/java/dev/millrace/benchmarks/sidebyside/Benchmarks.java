package dev.millrace.benchmarks.sidebyside;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The program behind the script {@code benchmarks/run}. */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    description = {
      "Measures Millrace on this machine, side by side with what it is to be compared with, and"
          + " writes the results to docs/benchmarks.json, docs/benchmarks.md and"
          + " docs/benchmarks.svg.",
      "The machine should do nothing else meanwhile. Ctrl-C ends it and all that it started."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured, whatever the numbers are",
      "1:failed; the message says why",
      "2:wrong usage",
      "130:ended by Ctrl-C"
    })
public final class Benchmarks implements Callable<Integer> {

  private static final int INTERRUPTED = 130;

  @Parameters(paramLabel = "NAME", description = "What to measure.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--quick",
      description =
          "Little of everything, to see that it works; results go to target/benchmarks only.")
  private boolean quick;

  @Option(
      names = "--profile",
      description =
          "Processes record where their time goes, which costs some; summaries are in"
              + " target/benchmarks/profiles, and results go to target/benchmarks only.")
  private boolean profile;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream out;
  private final AtomicBoolean interrupted = new AtomicBoolean();

  private Benchmarks(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.exit(commandLine(out).execute(args));
  }

  static CommandLine commandLine(PrintStream out) {
    CommandLine commandLine = new CommandLine(new Benchmarks(out));
    commandLine
        .getCommandSpec()
        .usageMessage()
        .footerHeading("%nWhat can be measured; all but settings if nothing is named:%n")
        .footer(
            Arrays.stream(Measurement.values())
                .map(one -> String.format(Locale.ROOT, "  %-9s %s", one.argument(), one.about()))
                .toArray(String[]::new));
    commandLine.setParameterExceptionHandler(
        (mistake, arguments) -> {
          mistake
              .getCommandLine()
              .getErr()
              .println(
                  "benchmarks/run: %s. See benchmarks/run --help".formatted(mistake.getMessage()));
          return CommandLine.ExitCode.USAGE;
        });
    commandLine.setExecutionExceptionHandler(
        (exception, command, result) -> {
          Logger log = LoggerFactory.getLogger(Benchmarks.class);
          log.error("The measurement failed", exception);
          out.println("benchmarks/run: " + exception.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
    return commandLine;
  }

  @Override
  public Integer call() {
    List<Measurement> chosen = chosen();
    Path root = Path.of(System.getProperty("millrace.home")).toAbsolutePath().normalize();
    Path work = root.resolve("target").resolve("benchmarks");
    Bench bench =
        new Bench(
            root,
            work,
            System.getProperty("millrace.version"),
            quick ? Size.QUICK : Size.FULL,
            profile,
            out);
    Thread atExit = new Thread(() -> interrupt(bench), "stop");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      for (Measurement measurement : chosen) {
        measure(bench, measurement);
      }
    } catch (RuntimeException e) {
      waitIfInterrupted();
      throw e;
    } finally {
      waitIfInterrupted();
      bench.close();
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
    out.println();
    out.println("Results are in " + directory(bench).resolve(fileName() + ".md"));
    return CommandLine.ExitCode.OK;
  }

  private List<Measurement> chosen() {
    try {
      return names.isEmpty()
          ? Arrays.stream(Measurement.values()).filter(Measurement::isUsual).toList()
          : names.stream().map(Measurement::of).toList();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void measure(Bench bench, Measurement measurement) {
    out.println();
    out.println(measurement.title());
    long start = System.nanoTime();
    Measured measured = measurement.run(bench);
    if (profile) {
      Profile.summarize(bench.profiles(), out);
    }
    Path directory = directory(bench);
    Path json = directory.resolve(fileName() + ".json");
    Report report =
        Report.read(json)
            .with(
                measurement.argument(),
                new Report.Entry(
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    Commit.of(bench.root()),
                    command(measurement),
                    Machine.here(),
                    measured));
    report.write(json);
    Plot.write(directory.resolve(fileName() + ".svg"), report);
    Page.write(directory.resolve(fileName() + ".md"), report, fileName() + ".svg");
    measured
        .goals()
        .forEach(
            goal ->
                out.printf(
                    "  %s: %s %s, goal %s %s%n",
                    goal.label(),
                    Numbers.text(goal.spread().median()),
                    goal.unit(),
                    goal.atLeast() ? "≥" : "≤",
                    Numbers.text(goal.bound())));
    out.printf("  measured in %d s%n", (System.nanoTime() - start) / 1_000_000_000);
  }

  private String command(Measurement measurement) {
    return "benchmarks/run "
        + measurement.argument()
        + (quick ? " --quick" : "")
        + (profile ? " --profile" : "");
  }

  /** Only what was measured in full is published. */
  private boolean isPublished() {
    return !quick && !profile;
  }

  private Path directory(Bench bench) {
    return isPublished() ? bench.root().resolve("docs") : bench.work();
  }

  private String fileName() {
    return isPublished() ? "benchmarks" : "results";
  }

  private void interrupt(Bench bench) {
    interrupted.set(true);
    out.println("Stopping …");
    bench.close();
    out.println("Stopped.");
    Runtime.getRuntime().halt(INTERRUPTED);
  }

  /** The other thread ends the JVM when all is stopped. */
  private void waitIfInterrupted() {
    if (interrupted.get()) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
